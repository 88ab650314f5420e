package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.TopicAdmin;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.config.ConfigResource;

/** Sends a change of settings to whom its resource belongs. */
final class ConfigChanges {

  private final ClusterImages images;
  private final TopicAdmin admin;

  ConfigChanges(ClusterImages images, TopicAdmin admin) {
    this.images = images;
    this.admin = admin;
  }

  CompletionStage<?> apply(
      byte resourceType, String resourceName, ConfigUpdate update, boolean validateOnly) {
    return switch (ConfigResource.Type.forId(resourceType)) {
      case TOPIC -> admin.alterConfigs(resourceName, update, validateOnly);
      case BROKER -> ofNode(resourceName, update, validateOnly);
      default ->
          refused(
              "Settings of resource type "
                  + ConfigResource.Type.forId(resourceType)
                  + " cannot be changed here.");
    };
  }

  private CompletionStage<?> ofNode(String name, ConfigUpdate update, boolean validateOnly) {
    if (name.isEmpty()) {
      return admin.alterNodeConfigs(TopicAdmin.ALL_NODES, update, validateOnly);
    }
    int own = images.current().controllerId();
    return name.equals(Integer.toString(own))
        ? admin.alterNodeConfigs(own, update, validateOnly)
        : refused("Unexpected broker id, expected " + own + ", but received " + name);
  }

  private static CompletionStage<?> refused(String message) {
    return CompletableFuture.failedStage(new Fault.Refused(Refusal.INVALID_REQUEST, message));
  }
}
