package io.tidelog.gateway.handler.forward;

import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.handler.data.ColdOffsets;
import io.tidelog.gateway.handler.data.FetchHandler;
import io.tidelog.gateway.handler.data.ListOffsetsHandler;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.api.ClusterImages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** The handlers of a node of a cluster, for its clients and for other gateways. */
public final class ForwardingHandlers {

  private ForwardingHandlers() {}

  /**
   * What a gateway reads with.
   *
   * @param lanes over the log of this node, if it leads something, and the cold tier
   * @param log of what this node leads, null when it leads nothing
   * @param coldOffsets finds offsets by time in the cold tier
   * @param fetchMaxBytes most bytes of records in one answer, but at least one batch
   */
  public record Reading(
      FetchLanes lanes,
      PartitionDirectory directory,
      @Nullable LogReader log,
      ColdOffsets coldOffsets,
      ClientZones zones,
      int fetchMaxBytes) {}

  /**
   * For clients: requests about partitions and groups, whoever leads them.
   *
   * @param forwarding started by the caller
   * @param groupsReady creates the topic of offsets when it is missing; safe to call always
   * @param local handlers of what this node leads, null on a node that leads nothing: Produce,
   *     ListOffsets, OffsetForLeaderEpoch, DeleteRecords, DescribeProducers, DescribeLogDirs and
   *     those of groups; Fetch is not among them
   */
  public static List<RequestHandler> ofGateway(
      Forwarding forwarding,
      Reading reading,
      Supplier<CompletionStage<Void>> groupsReady,
      @Nullable Collection<? extends RequestHandler> local) {
    var router = local == null ? null : new RequestRouter(local);
    var handlers = new ArrayList<RequestHandler>();
    for (var api : apis(reading.coldOffsets)) {
      handlers.add(new ForwardingHandler(api, forwarding, router, groupsReady));
    }
    handlers.add(
        new FetchHandler(
            reading.lanes,
            forwarding.images(),
            reading.log,
            reading.zones,
            reading.fetchMaxBytes,
            new SpreadReads(reading.lanes, reading.directory, forwarding, reading.log != null)));
    return handlers;
  }

  private static List<ForwardingHandler.Api> apis(ColdOffsets coldOffsets) {
    var all = new ArrayList<ForwardingHandler.Api>();
    all.add(new ProduceApi());
    all.add(new TopicApi<>(ApiKeys.LIST_OFFSETS, new ListOffsetsShape(coldOffsets)));
    all.add(new TopicApi<>(ApiKeys.OFFSET_FOR_LEADER_EPOCH, new EpochEndShape()));
    all.add(new TopicApi<>(ApiKeys.DELETE_RECORDS, new DeleteRecordsShape()));
    all.add(new TopicApi<>(ApiKeys.DESCRIBE_PRODUCERS, new ProducersShape()));
    all.addAll(GroupApis.all());
    return all;
  }

  /**
   * For the internal listener of a node that leads partitions: it answers from those and asks
   * nobody else, so that requests go in no circle.
   *
   * @param lanes over the log of this node, without the cold tier
   * @param log of this node
   * @param local as of {@link #ofGateway}
   */
  public static RequestRouter internalRouter(
      ClusterImages images,
      FetchLanes lanes,
      LogReader log,
      int fetchMaxBytes,
      Collection<? extends RequestHandler> local) {
    var handlers = new ArrayList<RequestHandler>();
    for (var handler : local) {
      handlers.add(handler instanceof ListOffsetsHandler offsets ? offsets.forGateways() : handler);
    }
    handlers.add(
        new FetchHandler(
            lanes, images, log, ClientZones.UNSET, fetchMaxBytes, new LedReads(lanes)));
    handlers.replaceAll(IntroducedOnly::new);
    handlers.add(new IntroductionHandler(images));
    return new RequestRouter(handlers);
  }
}
