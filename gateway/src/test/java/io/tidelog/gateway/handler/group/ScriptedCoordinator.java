package io.tidelog.gateway.handler.group;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** A coordinator that answers every question by one rule and remembers what it was asked. */
final class ScriptedCoordinator {

  private final Function<List<Object>, CompletableFuture<?>> rule;
  private final GroupCoordinator coordinator;
  private List<Object> asked = List.of();
  private boolean current = true;

  /**
   * @param rule makes an answer of a question's arguments but the context
   */
  ScriptedCoordinator(Function<List<Object>, CompletableFuture<?>> rule) {
    this.rule = rule;
    this.coordinator =
        (GroupCoordinator)
            Proxy.newProxyInstance(
                GroupCoordinator.class.getClassLoader(),
                new Class<?>[] {GroupCoordinator.class},
                (proxy, method, arguments) -> {
                  asked = Arrays.stream(arguments).skip(1).toList();
                  return this.rule.apply(asked);
                });
  }

  /** From now on another node may know more. */
  ScriptedCoordinator outdated() {
    current = false;
    return this;
  }

  GroupCoordinators access() {
    CompletionStage<GroupCoordinator> stage = CompletableFuture.completedStage(coordinator);
    return new GroupCoordinators(() -> stage, () -> stage, group -> current);
  }

  /** The first argument of the last question, if any was asked. */
  <T> T asked(Class<T> type) {
    return type.cast(asked.getFirst());
  }

  boolean wasAsked() {
    return !asked.isEmpty();
  }
}
