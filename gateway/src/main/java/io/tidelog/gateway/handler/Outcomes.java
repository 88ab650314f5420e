package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** Waits for several calls to another lane and comes back once to the caller's own. */
final class Outcomes {

  private Outcomes() {}

  /**
   * Runs {@code then} on the request's lane with all results, in order.
   *
   * @param onFault turns the failure of one call into its result
   */
  static <T> void gather(
      ClientRequest request,
      List<? extends CompletionStage<T>> calls,
      Function<Throwable, T> onFault,
      Consumer<List<T>> then) {
    var settled =
        calls.stream().map(call -> call.exceptionally(onFault).toCompletableFuture()).toList();
    CompletionStage<Void> all = CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new));
    await(
        request,
        all,
        done -> then.accept(settled.stream().map(CompletableFuture::resultNow).toList()));
  }

  /**
   * Runs {@code then} on the request's lane with the call's result. A call that fails, or {@code
   * then} throwing before it answered, fails the request.
   */
  static <T> void await(ClientRequest request, CompletionStage<T> call, Consumer<T> then) {
    call.whenComplete(
        (result, fault) ->
            request
                .lane()
                .execute(
                    () -> {
                      if (fault != null) {
                        request.fail(fault);
                        return;
                      }
                      try {
                        then.accept(result);
                      } catch (RuntimeException e) { // only an answer frees the request
                        request.fail(e);
                      }
                    }));
  }
}
