package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.LeaderEpochs;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import java.util.ArrayList;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.jspecify.annotations.Nullable;

/**
 * ListOffsets: the ends of a partition and the offset for a timestamp, all within what a consumer
 * may see.
 */
public final class ListOffsetsHandler implements RequestHandler {

  private static final long UNKNOWN_OFFSET = -1;
  private static final int LEADER_EPOCHS_SINCE = 4;
  private static final int TIMEOUT_SINCE = 10;

  /** How long a search may take when the client does not say; Kafka's request.timeout.ms. */
  private static final int DEFAULT_TIMEOUT_MS = 30_000;

  private final PartitionDirectory directory;
  private final LogReader log;
  private final ColdReader cold;
  private final ValidationLanes searches;
  private final Clock clock;

  /** Whether whoever asks can search the cold tier itself, from references to it. */
  private final boolean tellsReferences;

  /**
   * @param searches where records are looked at for their timestamps
   */
  public ListOffsetsHandler(
      PartitionDirectory directory,
      LogReader log,
      ColdReader cold,
      ValidationLanes searches,
      Clock clock) {
    this(directory, log, cold, searches, clock, false);
  }

  private ListOffsetsHandler(
      PartitionDirectory directory,
      LogReader log,
      ColdReader cold,
      ValidationLanes searches,
      Clock clock,
      boolean tellsReferences) {
    this.directory = directory;
    this.log = log;
    this.cold = cold;
    this.searches = searches;
    this.clock = clock;
    this.tellsReferences = tellsReferences;
  }

  /**
   * The same for gateways: those that say so are told where offloaded records lie and search these
   * themselves; see {@code docs/formats/forwarding.md}.
   */
  public ListOffsetsHandler forGateways() {
    return new ListOffsetsHandler(directory, log, cold, searches, clock, true);
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.LIST_OFFSETS;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = (ListOffsetsRequest) request.body();
    if (wanted.replicaId() >= 0) {
      request.fail(
          new Fault.Refused(
              Refusal.INVALID_REQUEST, "replicas do not ask over the Kafka protocol here"));
      return;
    }
    var response = new ListOffsetsResponseData();
    var pending = new PendingAnswer<ListOffsetsPartitionResponse>(request, clock, () -> response);
    for (var topic : wanted.data().topics()) {
      var answers = new ArrayList<ListOffsetsPartitionResponse>(topic.partitions().size());
      response
          .topics()
          .add(new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(answers));
      for (var partition : topic.partitions()) {
        var answer =
            new Answer(
                notFound(partition.partitionIndex()), wanted.isolationLevel(), request.version());
        answers.add(answer.told);
        var named = new TopicPartition(topic.name(), partition.partitionIndex());
        if (wanted.duplicatePartitions().contains(named)) {
          answer.refuse(Errors.INVALID_REQUEST);
        } else {
          find(topic.name(), partition, answer, pending);
        }
      }
    }
    int timeoutMs = wanted.timeoutMs();
    pending.start(
        request.version() >= TIMEOUT_SINCE && timeoutMs > 0 ? timeoutMs : DEFAULT_TIMEOUT_MS,
        late -> late.setErrorCode(Errors.REQUEST_TIMED_OUT.code()));
  }

  private void find(
      String topic,
      ListOffsetsPartition wanted,
      Answer answer,
      PendingAnswer<ListOffsetsPartitionResponse> pending) {
    var key = FetchKey.of(topic, wanted.partitionIndex());
    var partition = directory.find(key);
    var at = partition == null ? null : log.snapshot(partition);
    if (partition == null || at == null) {
      answer.refuse(KafkaErrors.of(directory.explain(key)));
      return;
    }
    long timestamp = wanted.timestamp();
    var stale = LeaderEpochs.check(wanted.currentLeaderEpoch(), at);
    if (stale != null) {
      answer.refuse(KafkaErrors.of(stale));
    } else if (timestamp < 0 && answer.version < since(timestamp)) {
      answer.refuse(Errors.UNSUPPORTED_VERSION);
    } else if (timestamp >= 0) {
      boolean referring = tellsReferences && ColdOffsets.wantsReferences(wanted);
      search(partition, referring ? null : cold, answer, pending)
          .findFirst(timestamp, referring ? ColdOffsets.fromOffset(wanted) : 0);
    } else if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
      search(partition, cold, answer, pending).findLargest();
    } else {
      long offset = special(timestamp, at, answer.isolation);
      answer.tell(
          offset,
          offset == UNKNOWN_OFFSET ? LeaderEpochs.NONE : LeaderEpochs.epochOf(log, at, offset));
    }
  }

  private TimestampSearch search(
      PartitionId partition,
      @Nullable ColdReader reader,
      Answer answer,
      PendingAnswer<ListOffsetsPartitionResponse> pending) {
    return new TimestampSearch(
        searches.lane(partition),
        log,
        reader,
        partition,
        pending.expect(answer.told, answer::onSearched));
  }

  /** The first version in which a special timestamp means something. */
  private static int since(long timestamp) {
    return switch ((int) Math.max(timestamp, Integer.MIN_VALUE)) {
      case (int) ListOffsetsRequest.LATEST_TIMESTAMP, (int) ListOffsetsRequest.EARLIEST_TIMESTAMP ->
          0;
      case (int) ListOffsetsRequest.MAX_TIMESTAMP -> 7;
      case (int) ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP -> 8;
      case (int) ListOffsetsRequest.LATEST_TIERED_TIMESTAMP -> 9;
      case (int) ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP -> 11;
      default -> Short.MAX_VALUE;
    };
  }

  private static ListOffsetsPartitionResponse notFound(int partition) {
    return new ListOffsetsPartitionResponse()
        .setPartitionIndex(partition)
        .setErrorCode(Errors.NONE.code())
        .setOffset(UNKNOWN_OFFSET)
        .setTimestamp(RecordBatch.NO_TIMESTAMP);
  }

  /** The offset a special timestamp stands for, or −1 when there is none. */
  private static long special(long timestamp, PartitionSnapshot at, IsolationLevel isolation) {
    long end = at.visibleEndOffset();
    if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
      return isolation == IsolationLevel.READ_COMMITTED
          ? Math.min(at.lastStableOffset(), end)
          : end;
    }
    if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP) {
      return at.logStartOffset();
    }
    if (timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
      return Math.min(at.localLogStartOffset(), end);
    }
    long tieredEnd = Math.min(at.tieredEndOffset(), end);
    if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
      return tieredEnd - 1;
    }
    long pending = Math.max(tieredEnd, at.logStartOffset());
    return pending < end ? pending : UNKNOWN_OFFSET;
  }

  /** One partition's part of the response. */
  private record Answer(
      ListOffsetsPartitionResponse told, IsolationLevel isolation, short version) {

    private void refuse(Errors error) {
      told.setErrorCode(error.code());
    }

    private void tell(long offset, int leaderEpoch) {
      told.setOffset(offset);
      if (version >= LEADER_EPOCHS_SINCE) {
        told.setLeaderEpoch(leaderEpoch);
      }
    }

    private void onSearched(TimestampSearch.Outcome outcome) {
      switch (outcome) {
        case TimestampSearch.Record(long offset, long timestampMs, int leaderEpoch) -> {
          told.setTimestamp(timestampMs);
          tell(offset, leaderEpoch);
        }
        case TimestampSearch.Nothing() -> {}
        case TimestampSearch.Failed(var refusal) -> refuse(KafkaErrors.of(refusal));
        case TimestampSearch.InCold(var at, var references) ->
            ColdOffsets.refer(told, at, references);
      }
    }
  }
}
