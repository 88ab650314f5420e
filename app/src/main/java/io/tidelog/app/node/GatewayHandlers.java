package io.tidelog.app.node;

import io.tidelog.app.config.NodeSettings;
import io.tidelog.coordinator.GroupCoordinatorRuntime;
import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.log.ColdReader;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchSettings;
import io.tidelog.gateway.fetch.FetchStats;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.handler.AlterConfigsHandler;
import io.tidelog.gateway.handler.AlterPartitionReassignmentsHandler;
import io.tidelog.gateway.handler.ApiVersionsHandler;
import io.tidelog.gateway.handler.ConfigDescriptions;
import io.tidelog.gateway.handler.CreatePartitionsHandler;
import io.tidelog.gateway.handler.CreateTopicsHandler;
import io.tidelog.gateway.handler.DeleteTopicsHandler;
import io.tidelog.gateway.handler.DescribeClusterHandler;
import io.tidelog.gateway.handler.DescribeConfigsHandler;
import io.tidelog.gateway.handler.DescribeLogDirsHandler;
import io.tidelog.gateway.handler.DescribeTopicPartitionsHandler;
import io.tidelog.gateway.handler.ElectLeadersHandler;
import io.tidelog.gateway.handler.FindCoordinatorHandler;
import io.tidelog.gateway.handler.IncrementalAlterConfigsHandler;
import io.tidelog.gateway.handler.InitProducerIdHandler;
import io.tidelog.gateway.handler.ListConfigResourcesHandler;
import io.tidelog.gateway.handler.ListPartitionReassignmentsHandler;
import io.tidelog.gateway.handler.MetadataHandler;
import io.tidelog.gateway.handler.UnregisterBrokerHandler;
import io.tidelog.gateway.handler.data.DeleteRecordsHandler;
import io.tidelog.gateway.handler.data.DescribeProducersHandler;
import io.tidelog.gateway.handler.data.FetchHandler;
import io.tidelog.gateway.handler.data.ListOffsetsHandler;
import io.tidelog.gateway.handler.data.OffsetForLeaderEpochHandler;
import io.tidelog.gateway.handler.data.ProduceHandler;
import io.tidelog.gateway.handler.data.ValidationLanes;
import io.tidelog.gateway.handler.group.GroupCoordinators;
import io.tidelog.gateway.handler.group.GroupHandlers;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.metadata.ClusterMetadata;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.TopicAdmin;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One handler for each API this node has; what is not here is not advertised. */
final class GatewayHandlers {

  private final List<RequestHandler> handlers = new ArrayList<>();
  private final ClusterMetadata metadata;
  private final PartitionDirectory directory;
  private final FetchLanes fetches;

  /** What handlers call. */
  record Ports(
      ServedLogs log,
      ColdReader cold,
      ClusterMetadata metadata,
      TopicAdmin topics,
      GroupCoordinatorRuntime groups) {}

  GatewayHandlers(
      Ports ports,
      Map<String, String> settings,
      GatewayConfig config,
      Path data,
      List<? extends Lane> validation,
      Clock clock) {
    this.metadata = ports.metadata();
    this.directory = new PartitionDirectory(metadata.images());
    this.fetches =
        new FetchLanes(
            new FetchLane.Sources(ports.log(), ports.cold(), directory, clock),
            FetchLaneConfig.of(settings, config.socket().networkThreads()),
            SecureRandom::new);
    fetches.start();
    addTopics(ports, settings, config, data);
    addReplicas();
    addRecords(
        ports,
        settings,
        new ValidationLanes(validation, config.request().examinedRecords(), clock),
        clock);
    addGroups(ports);
  }

  RequestRouter router() {
    return ApiVersionsHandler.routerOf(metadata.images(), handlers);
  }

  /** What fetches keep now; from any thread. */
  FetchStats fetchStats() {
    return fetches.stats();
  }

  private void addTopics(
      Ports ports, Map<String, String> settings, GatewayConfig config, Path data) {
    var images = metadata.images();
    var admin = ports.topics();
    var configs = new ConfigDescriptions(images, NodeSettings.all(), settings);
    handlers.add(new MetadataHandler(images, admin, ports.log(), config::autoCreateTopics));
    handlers.add(new DescribeClusterHandler(images));
    handlers.add(new DescribeTopicPartitionsHandler(images, ports.log()));
    handlers.add(new CreateTopicsHandler(admin, configs));
    handlers.add(new DeleteTopicsHandler(images, admin));
    handlers.add(new CreatePartitionsHandler(admin));
    handlers.add(new DescribeConfigsHandler(images, configs));
    handlers.add(new AlterConfigsHandler(images, admin));
    handlers.add(new IncrementalAlterConfigsHandler(images, admin));
    handlers.add(new ListConfigResourcesHandler(images));
    handlers.add(new DescribeLogDirsHandler(images, ports.log(), () -> folder(data)));
  }

  private void addReplicas() {
    var replicas = metadata.replicas(Handovers.bySwap(metadata.registry()));
    handlers.add(new ElectLeadersHandler(replicas));
    handlers.add(new AlterPartitionReassignmentsHandler(replicas));
    handlers.add(new ListPartitionReassignmentsHandler(replicas));
    handlers.add(new UnregisterBrokerHandler(metadata.nodes()));
  }

  private void addRecords(
      Ports ports, Map<String, String> settings, ValidationLanes lanes, Clock clock) {
    var images = metadata.images();
    handlers.add(new ProduceHandler(images, ports.log(), ports.log(), lanes, clock));
    handlers.add(
        new FetchHandler(fetches, images, ports.log(), FetchSettings.fetchMaxBytes(settings)));
    handlers.add(new ListOffsetsHandler(directory, ports.log(), ports.cold(), lanes, clock));
    handlers.add(new DeleteRecordsHandler(directory, ports.log(), clock));
    handlers.add(new OffsetForLeaderEpochHandler(directory, ports.log()));
    handlers.add(new DescribeProducersHandler(directory, ports.log(), clock));
    handlers.add(new InitProducerIdHandler(metadata.producerIds()));
  }

  private void addGroups(Ports ports) {
    var groups = ports.groups();
    handlers.add(
        new FindCoordinatorHandler(
            metadata.images(), () -> groups.coordinatorWithTopic().thenAccept(ready -> {})));
    handlers.addAll(
        GroupHandlers.create(
            new GroupCoordinators(groups::coordinator, groups::coordinatorWithTopic),
            metadata.images()));
  }

  private static DescribeLogDirsHandler.Folder folder(Path data) {
    var file = data.toFile();
    return new DescribeLogDirsHandler.Folder(
        data.toString(), file.getTotalSpace(), file.getUsableSpace());
  }
}
