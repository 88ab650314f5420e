package io.tidelog.gateway.handler;

import io.tidelog.core.Lane;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** Waits for several calls to another lane and comes back once to the caller's own. */
final class Outcomes {

  private Outcomes() {}

  /**
   * Runs {@code then} on {@code lane} with all results, in order.
   *
   * @param onFault turns the failure of one call into its result
   */
  static <T> void gather(
      Lane lane,
      List<? extends CompletionStage<T>> calls,
      Function<Throwable, T> onFault,
      Consumer<List<T>> then) {
    var settled =
        calls.stream().map(call -> call.exceptionally(onFault).toCompletableFuture()).toList();
    CompletionStage<Void> all = CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new));
    all.whenComplete(
        (done, never) ->
            lane.execute(
                () -> then.accept(settled.stream().map(CompletableFuture::resultNow).toList())));
  }
}
