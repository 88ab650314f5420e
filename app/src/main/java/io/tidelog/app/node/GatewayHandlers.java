package io.tidelog.app.node;

import io.tidelog.app.config.NodeSettings;
import io.tidelog.core.Clock;
import io.tidelog.core.log.ColdReader;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchSettings;
import io.tidelog.gateway.fetch.FetchStats;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.handler.AlterConfigsHandler;
import io.tidelog.gateway.handler.AlterPartitionReassignmentsHandler;
import io.tidelog.gateway.handler.ApiVersionsHandler;
import io.tidelog.gateway.handler.ConfigDescriptions;
import io.tidelog.gateway.handler.CreatePartitionsHandler;
import io.tidelog.gateway.handler.CreateTopicsHandler;
import io.tidelog.gateway.handler.DeleteTopicsHandler;
import io.tidelog.gateway.handler.DescribeClusterHandler;
import io.tidelog.gateway.handler.DescribeConfigsHandler;
import io.tidelog.gateway.handler.DescribeTopicPartitionsHandler;
import io.tidelog.gateway.handler.ElectLeadersHandler;
import io.tidelog.gateway.handler.FindCoordinatorHandler;
import io.tidelog.gateway.handler.IncrementalAlterConfigsHandler;
import io.tidelog.gateway.handler.InitProducerIdHandler;
import io.tidelog.gateway.handler.ListConfigResourcesHandler;
import io.tidelog.gateway.handler.ListPartitionReassignmentsHandler;
import io.tidelog.gateway.handler.MetadataHandler;
import io.tidelog.gateway.handler.UnregisterBrokerHandler;
import io.tidelog.gateway.handler.data.ColdOffsets;
import io.tidelog.gateway.handler.data.ValidationLanes;
import io.tidelog.gateway.handler.forward.ForwardingHandlers;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.metadata.ClusterMetadata;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.TopicAdmin;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One handler for each API of the clients' listeners; what is not here is not advertised. */
final class GatewayHandlers {

  private final List<RequestHandler> handlers = new ArrayList<>();
  private final ClusterMetadata metadata;
  private final ClientZones zones;
  private final FetchLanes fetches;

  /**
   * What handlers call.
   *
   * @param log what this node leads, or null
   * @param led handlers of what this node leads, or null
   * @param searches where the cold tier is searched by time
   * @param groupsReady creates the topic of offsets when it is missing
   */
  record Ports(
      @Nullable ServedLogs log,
      @Nullable List<RequestHandler> led,
      ColdReader cold,
      ValidationLanes searches,
      ClusterMetadata metadata,
      TopicAdmin topics,
      Supplier<CompletionStage<Void>> groupsReady) {}

  GatewayHandlers(Ports ports, Map<String, String> settings, GatewayConfig config, Clock clock) {
    this.metadata = ports.metadata();
    this.zones = ClientZones.of(settings);
    var images = metadata.images();
    var directory = new PartitionDirectory(images);
    this.fetches =
        new FetchLanes(
            new FetchLane.Sources(ports.log(), ports.cold(), directory, clock),
            FetchLaneConfig.of(settings, config.socket().networkThreads()),
            SecureRandom::new);
    fetches.start();
    addTopics(ports, settings, config);
    addReplicas();
    handlers.add(new InitProducerIdHandler(metadata.producerIds()));
    handlers.add(new FindCoordinatorHandler(images, ports.groupsReady(), zones));
    var forwarding = new Forwarding(images, clock, config.forward());
    forwarding.start();
    handlers.addAll(
        ForwardingHandlers.ofGateway(
            forwarding,
            new ForwardingHandlers.Reading(
                fetches,
                directory,
                ports.log(),
                new ColdOffsets(ports.cold(), ports.searches()),
                zones,
                FetchSettings.fetchMaxBytes(settings)),
            ports.groupsReady(),
            ports.led()));
    if (ports.led() != null) {
      addUnforwarded(ports.led());
    }
  }

  RequestRouter router() {
    return ApiVersionsHandler.routerOf(metadata.images(), handlers);
  }

  /** What fetches keep now; from any thread. */
  FetchStats fetchStats() {
    return fetches.stats();
  }

  private void addTopics(Ports ports, Map<String, String> settings, GatewayConfig config) {
    var images = metadata.images();
    var admin = ports.topics();
    var log = ports.log();
    var configs = new ConfigDescriptions(images, NodeSettings.all(), settings);
    handlers.add(new MetadataHandler(images, admin, log, config::autoCreateTopics, zones));
    handlers.add(new DescribeClusterHandler(images));
    handlers.add(new DescribeTopicPartitionsHandler(images, log, zones));
    handlers.add(new CreateTopicsHandler(admin, configs));
    handlers.add(new DeleteTopicsHandler(images, admin));
    handlers.add(new CreatePartitionsHandler(admin));
    handlers.add(new DescribeConfigsHandler(images, configs));
    handlers.add(new AlterConfigsHandler(images, admin));
    handlers.add(new IncrementalAlterConfigsHandler(images, admin));
    handlers.add(new ListConfigResourcesHandler(images));
  }

  private void addReplicas() {
    var replicas = metadata.replicas(Handovers.bySwap(metadata.registry()));
    handlers.add(new ElectLeadersHandler(replicas));
    handlers.add(new AlterPartitionReassignmentsHandler(replicas));
    handlers.add(new ListPartitionReassignmentsHandler(replicas));
    handlers.add(new UnregisterBrokerHandler(metadata.nodes()));
  }

  /** What is about this very node. */
  private void addUnforwarded(List<RequestHandler> led) {
    var known = handlers.stream().map(RequestHandler::api).collect(Collectors.toSet());
    led.stream().filter(handler -> !known.contains(handler.api())).forEach(handlers::add);
  }
}
