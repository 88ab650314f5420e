package io.tidelog.app.node;

import io.tidelog.coordinator.GroupCoordinatorRuntime;
import io.tidelog.core.Clock;
import io.tidelog.core.log.ColdReader;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.handler.DescribeLogDirsHandler;
import io.tidelog.gateway.handler.data.DeleteRecordsHandler;
import io.tidelog.gateway.handler.data.DescribeProducersHandler;
import io.tidelog.gateway.handler.data.ListOffsetsHandler;
import io.tidelog.gateway.handler.data.OffsetForLeaderEpochHandler;
import io.tidelog.gateway.handler.data.ProduceHandler;
import io.tidelog.gateway.handler.data.ValidationLanes;
import io.tidelog.gateway.handler.group.GroupCoordinators;
import io.tidelog.gateway.handler.group.GroupHandlers;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.metadata.api.ClusterImages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Handlers of what this node leads, but for Fetch: its clients' and other gateways' alike. */
final class LedHandlers {

  private LedHandlers() {}

  /** What they call. */
  record Ports(
      ServedLogs log,
      ColdReader cold,
      ClusterImages images,
      GroupCoordinatorRuntime groups,
      Path data) {}

  static List<RequestHandler> create(Ports ports, ValidationLanes lanes, Clock clock) {
    var images = ports.images();
    var log = ports.log();
    var directory = new PartitionDirectory(images);
    var handlers = new ArrayList<RequestHandler>();
    handlers.add(new ProduceHandler(images, log, log, lanes, clock));
    handlers.add(new ListOffsetsHandler(directory, log, ports.cold(), lanes, clock));
    handlers.add(new DeleteRecordsHandler(directory, log, clock));
    handlers.add(new OffsetForLeaderEpochHandler(directory, log));
    handlers.add(new DescribeProducersHandler(directory, log, clock));
    handlers.add(new DescribeLogDirsHandler(images, log, () -> folder(ports.data())));
    handlers.addAll(
        GroupHandlers.create(
            new GroupCoordinators(
                ports.groups()::coordinator,
                ports.groups()::coordinatorWithTopic,
                ports.groups()::isCurrent),
            images));
    return handlers;
  }

  private static DescribeLogDirsHandler.Folder folder(Path data) {
    var file = data.toFile();
    return new DescribeLogDirsHandler.Folder(
        data.toString(), file.getTotalSpace(), file.getUsableSpace());
  }
}
