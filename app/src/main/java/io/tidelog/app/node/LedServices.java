package io.tidelog.app.node;

import static io.tidelog.app.node.NodeParts.await;

import io.tidelog.coordinator.CoordinatorPorts;
import io.tidelog.coordinator.GroupCoordinatorRuntime;
import io.tidelog.coordinator.GroupsConfig;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchSettings;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.handler.data.ValidationLanes;
import io.tidelog.gateway.handler.forward.ForwardingHandlers;
import io.tidelog.gateway.net.ClientListener;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.TopicAdmin;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What answers about that which a node leads: group coordinators, and handlers for its own clients
 * and, on the internal listener, for other gateways.
 */
record LedServices(
    ServedLogs log,
    GroupCoordinatorRuntime groups,
    ValidationLanes validation,
    List<RequestHandler> handlers) {

  private static final String INTERNAL = "INTERNAL";

  static LedServices open(
      NodeOpening opening, HotRole hot, TopicAdmin topics, GroupsConfig groupsConfig) {
    var log = hot.served();
    var images = opening.metadata().cluster().images();
    var cold = hot.cold().reader();
    var groups =
        new GroupCoordinatorRuntime(
            groupsConfig,
            new CoordinatorPorts(log, log, cold, log, log, images, topics),
            opening.parts().lane("coordinator-lane"),
            opening.clock());
    opening.parts().add("groups", () -> await(groups.close()));
    var validation = validation(opening);
    return new LedServices(
        log,
        groups,
        validation,
        LedHandlers.create(
            new LedHandlers.Ports(log, cold, images, groups, opening.data().path()),
            validation,
            opening.clock()));
  }

  /** Where records are looked into; also a node that leads nothing has such a place. */
  static ValidationLanes validation(NodeOpening opening) {
    return new ValidationLanes(
        List.of(opening.parts().lane("validation-lane")),
        GatewayConfig.of(opening.settings()).request().examinedRecords(),
        opening.clock());
  }

  /** Takes what other gateways pass on. */
  void listen(NodeOpening opening, GatewayConfig gateway, Endpoint internal) {
    var config =
        gateway.forGateways(new ListenerAddress(INTERNAL, internal.host(), internal.port()));
    var images = opening.metadata().cluster().images();
    var fetches =
        new FetchLanes(
            new FetchLane.Sources(log, null, new PartitionDirectory(images), opening.clock()),
            FetchLaneConfig.of(opening.settings(), config.socket().networkThreads()),
            SecureRandom::new);
    fetches.start();
    var listener =
        opening
            .parts()
            .add(
                "internal listener",
                new ClientListener(
                    config,
                    new AdvertisedAddresses(config, internal.host()),
                    ForwardingHandlers.internalRouter(
                        images,
                        fetches,
                        log,
                        FetchSettings.fetchMaxBytes(opening.settings()),
                        handlers),
                    opening.clock()));
    await(listener.start());
  }

  /** Completes when there is a topic of offsets, and what is led here of it was loaded. */
  CompletionStage<Void> groupsReady() {
    return groups.coordinatorWithTopic().thenAccept(ready -> {});
  }

  /** Begins to load groups. */
  void start() {
    groups.start();
  }
}
