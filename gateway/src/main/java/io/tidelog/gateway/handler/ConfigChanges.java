package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/** Sends changes of settings to whom their resources belong, and gathers what became of them. */
final class ConfigChanges {

  private final ClusterImages images;
  private final TopicAdmin admin;

  /**
   * One resource of a request.
   *
   * @param update may throw {@link Fault.Refused} when it is asked for
   */
  record Change(byte type, String name, Supplier<ConfigUpdate> update) {}

  /** What became of a change; the error is 0 when it was made. */
  record Outcome(byte type, String name, short error, @Nullable String message) {}

  private record Resource(byte type, String name) {}

  ConfigChanges(ClusterImages images, TopicAdmin admin) {
    this.images = images;
    this.admin = admin;
  }

  /**
   * Makes each change on its own: one that fails keeps no other from being made. A resource named
   * twice is refused each time, as by Kafka.
   *
   * @param answer told on the request's lane, outcomes in the order of the changes
   */
  void apply(
      ClientRequest request,
      List<Change> changes,
      boolean validateOnly,
      Consumer<List<Outcome>> answer) {
    var twice = Twice.of(changes, ConfigChanges::resource);
    var calls =
        changes.stream()
            .map(
                change ->
                    (twice.contains(resource(change))
                            ? refused("Each resource must appear at most once.")
                            : apply(change, validateOnly))
                        .handle((done, fault) -> outcome(change, fault)))
            .toList();
    Outcomes.gather(
        request,
        calls,
        fault -> new Outcome((byte) 0, "", KafkaErrors.of(fault).code(), null),
        answer);
  }

  private CompletionStage<?> apply(Change change, boolean validateOnly) {
    ConfigUpdate update;
    try {
      update = change.update().get();
    } catch (Fault.Refused refused) {
      return CompletableFuture.failedStage(refused);
    }
    return switch (ConfigResource.Type.forId(change.type())) {
      case TOPIC -> admin.alterConfigs(change.name(), update, validateOnly);
      case BROKER -> ofNode(change.name(), update, validateOnly);
      default ->
          refused(
              "Settings of resource type "
                  + ConfigResource.Type.forId(change.type())
                  + " cannot be changed here.");
    };
  }

  private CompletionStage<?> ofNode(String name, ConfigUpdate update, boolean validateOnly) {
    if (name.isEmpty()) {
      return admin.alterNodeConfigs(TopicAdmin.ALL_NODES, update, validateOnly);
    }
    var node =
        images.current().registrations().stream()
            .filter(known -> name.equals(Integer.toString(known.id())))
            .findFirst();
    return node.isPresent()
        ? admin.alterNodeConfigs(node.get().id(), update, validateOnly)
        : refused("Unexpected broker id, no such broker is registered: " + name);
  }

  private static Resource resource(Change change) {
    return new Resource(change.type(), change.name());
  }

  private static Outcome outcome(Change change, @Nullable Throwable fault) {
    return fault == null
        ? new Outcome(change.type(), change.name(), (short) 0, null)
        : new Outcome(
            change.type(), change.name(), KafkaErrors.of(fault).code(), KafkaErrors.message(fault));
  }

  private static CompletionStage<?> refused(String message) {
    return CompletableFuture.failedStage(new Fault.Refused(Refusal.INVALID_REQUEST, message));
  }
}
