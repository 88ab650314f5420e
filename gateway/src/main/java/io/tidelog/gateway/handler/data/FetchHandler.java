package io.tidelog.gateway.handler.data;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchLimits;
import io.tidelog.gateway.fetch.FetchUnderWay;
import io.tidelog.gateway.fetch.PartitionFetch;
import io.tidelog.gateway.fetch.SessionAnswer;
import io.tidelog.gateway.fetch.SessionDecision;
import io.tidelog.gateway.fetch.SessionRequest;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.handler.ClientRack;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.jspecify.annotations.Nullable;

/** Fetch: reads for consumers, within a session (KIP-227) or without. */
public final class FetchHandler implements RequestHandler {

  private static final int TOPIC_IDS_SINCE = 13;

  private final FetchLanes lanes;
  private final FetchResponses responses;
  private final int fetchMaxBytes;
  private final Reads reads;

  /** Where the partitions of a fetch are read. */
  @FunctionalInterface
  public interface Reads {

    /** Begins to read; {@code receiver} may be told inside this call. */
    FetchUnderWay start(
        ClientRequest request,
        List<PartitionFetch> partitions,
        FetchLimits limits,
        FetchUnderWay.Receiver receiver);
  }

  /**
   * Reads what this node leads.
   *
   * @param fetchMaxBytes most bytes of records in one answer, but at least one batch
   */
  public FetchHandler(FetchLanes lanes, ClusterImages images, LogReader log, int fetchMaxBytes) {
    this(
        lanes,
        new PartitionLeaders(images, log, ClientZones.UNSET),
        fetchMaxBytes,
        (request, partitions, limits, receiver) ->
            lanes.of(request.lane()).fetch(partitions, limits, receiver));
  }

  /**
   * @param log of what this node leads, null when it leads nothing
   * @param reads on whatever node
   */
  public FetchHandler(
      FetchLanes lanes,
      ClusterImages images,
      @Nullable LogReader log,
      ClientZones zones,
      int fetchMaxBytes,
      Reads reads) {
    this(lanes, new PartitionLeaders(images, log, zones), fetchMaxBytes, reads);
  }

  private FetchHandler(FetchLanes lanes, PartitionLeaders leaders, int fetchMaxBytes, Reads reads) {
    this.lanes = lanes;
    this.responses = new FetchResponses(leaders);
    this.fetchMaxBytes = fetchMaxBytes;
    this.reads = reads;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.FETCH;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = ((FetchRequest) request.body()).data();
    if (FetchRequest.isValidBrokerId(FetchRequest.replicaId(wanted))) {
      request.fail(
          new Fault.Refused(
              Refusal.INVALID_REQUEST, "replicas do not fetch over the Kafka protocol here"));
      return;
    }
    ClientRack.note(request, wanted.rackId());
    var lane = lanes.of(request.lane());
    var decision = lane.sessions().decide(sessionRequest(wanted, request.version()), nowMs(lane));
    switch (decision) {
      case SessionDecision.Rejected rejected ->
          request.respond(
              new FetchResponseData().setErrorCode(Errors.valueOf(rejected.error().name()).code()));
      case SessionDecision.Sessionless(var partitions) ->
          fetch(request, wanted, lane, decision, partitions);
      case SessionDecision.Full(_, var partitions) ->
          fetch(request, wanted, lane, decision, partitions);
      case SessionDecision.Incremental(_, _, var partitions) ->
          fetch(request, wanted, lane, decision, partitions);
    }
  }

  private void fetch(
      ClientRequest request,
      FetchRequestData wanted,
      FetchLane lane,
      SessionDecision decision,
      List<PartitionFetch> partitions) {
    var limits =
        new FetchLimits(
            wanted.minBytes(), Math.min(wanted.maxBytes(), fetchMaxBytes), wanted.maxWaitMs());
    var task =
        reads.start(
            request,
            partitions,
            limits,
            (answers, throttleMs) -> {
              SessionAnswer told = lane.sessions().answer(decision, answers, nowMs(lane));
              request.respond(responses.of(told, wanted, request, throttleMs));
            });
    if (!task.isDone()) {
      request.onClosed(
          () -> {
            task.cancel();
            request.respondNothing();
          });
    }
  }

  private static SessionRequest sessionRequest(FetchRequestData wanted, short version) {
    boolean byTopicId = version >= TOPIC_IDS_SINCE;
    var partitions = new ArrayList<PartitionFetch>();
    for (var topic : wanted.topics()) {
      for (var partition : topic.partitions()) {
        var key =
            byTopicId
                ? FetchKey.of(KafkaIds.ours(topic.topicId()), partition.partition())
                : FetchKey.of(topic.topic(), partition.partition());
        partitions.add(
            new PartitionFetch(
                key,
                partition.fetchOffset(),
                Math.max(0, partition.partitionMaxBytes()),
                partition.currentLeaderEpoch(),
                partition.lastFetchedEpoch()));
      }
    }
    var forgotten = new ArrayList<FetchKey>();
    for (var topic : wanted.forgottenTopicsData()) {
      for (int partition : topic.partitions()) {
        forgotten.add(
            byTopicId
                ? FetchKey.of(KafkaIds.ours(topic.topicId()), partition)
                : FetchKey.of(topic.topic(), partition));
      }
    }
    return new SessionRequest(
        wanted.sessionId(), wanted.sessionEpoch(), byTopicId, partitions, forgotten);
  }

  private static long nowMs(FetchLane lane) {
    return lane.clock().monotonicNs() / 1_000_000;
  }
}
