package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** All handlers of this package. */
public final class DataHandlers {

  private DataHandlers() {}

  /**
   * Makes the handlers and lets the fetches listen to the log.
   *
   * @param validationLanes where records are looked into; none an event loop, at least one
   */
  public static List<RequestHandler> create(
      ClusterImages images,
      Log log,
      Clock clock,
      List<? extends Lane> validationLanes,
      Fetching fetching) {
    var directory = new PartitionDirectory(images);
    var validation = new ValidationLanes(validationLanes, clock);
    var sources = new FetchLane.Sources(log.reader, log.cold, directory, clock);
    var fetches = new FetchLanes(sources, fetching.limits, fetching.sessionIds);
    fetches.start();
    return List.of(
        new ProduceHandler(images, log.appender, log.reader, validation, clock),
        new FetchHandler(fetches, images, log.reader, fetching.maxBytes),
        new ListOffsetsHandler(directory, log.reader, log.cold, validation, clock),
        new OffsetForLeaderEpochHandler(directory, log.reader),
        new DeleteRecordsHandler(directory, log.host, clock),
        new DescribeProducersHandler(directory, log.host, clock));
  }

  /** The log, hot and cold, as this package wants it. */
  public record Log(LogAppender appender, LogReader reader, ColdReader cold, PartitionHost host) {}

  /**
   * @param limits of each event loop
   * @param maxBytes {@code fetch.max.bytes}
   * @param sessionIds makes a source of fetch session ids for an event loop
   */
  public record Fetching(
      FetchLaneConfig limits, int maxBytes, Supplier<RandomGenerator> sessionIds) {}
}
