package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * Where handlers find the coordinator of this node, and how they ask it. All of it may be asked
 * from any thread, as often as there are requests.
 *
 * @param running the coordinator, whether or not any group exists
 * @param ready the coordinator with an offsets topic under it, created when there is none
 * @param current whether what the coordinator remembered of a group until now was all there is
 */
public record GroupCoordinators(
    Supplier<CompletionStage<GroupCoordinator>> running,
    Supplier<CompletionStage<GroupCoordinator>> ready,
    Predicate<String> current) {

  /** Asks the coordinator with an offsets topic under it. */
  <T> CompletionStage<T> ask(Function<GroupCoordinator, CompletionStage<T>> question) {
    return ready.get().thenCompose(question);
  }

  /**
   * Whether what was just read of a group may be told: another node may know more. A change needs
   * no such question, for it is told only when the log has it.
   */
  boolean mayTell(String group) {
    return current.test(group);
  }

  /** Answers on the request's lane with what came of {@code call}, or with its fault. */
  static <T> void answer(
      ClientRequest request, CompletionStage<T> call, Function<T, ApiMessage> response) {
    call.thenApply(response)
        .whenComplete(
            (message, fault) ->
                request
                    .lane()
                    .execute(
                        () -> {
                          if (fault == null) {
                            request.respond(message);
                          } else {
                            request.fail(fault);
                          }
                        }));
  }
}
