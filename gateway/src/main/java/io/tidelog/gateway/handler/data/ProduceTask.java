package io.tidelog.gateway.handler.data;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendCompletion;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.gateway.handler.data.RecordValidator.Invalid;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * One produce request under way: gathers what became of its appends and answers once. Lives on the
 * event loop of its connection.
 */
final class ProduceTask {

  private static final long NS_PER_MS = 1_000_000;
  private static final long UNKNOWN_OFFSET = -1;
  private static final short ANSWER_NOTHING = 0;
  private static final short ANSWER_WHEN_DURABLE = -1;
  private static final int LEADER_HINTS_SINCE = 10;

  private final ClientRequest request;
  private final ProduceLane lane;
  private final PartitionLeaders leaders;
  private final short acks;
  private final int timeoutMs;
  private final ProduceResponseData response = new ProduceResponseData();
  private final List<Append> appends = new ArrayList<>(1);

  private int outstanding;
  private @Nullable String failure;
  private boolean answered;
  private @Nullable Runnable giveMemoryBack;

  ProduceTask(
      ClientRequest request,
      ProduceRequestData wanted,
      ProduceLane lane,
      PartitionLeaders leaders) {
    this.request = request;
    this.lane = lane;
    this.leaders = leaders;
    this.acks = wanted.acks();
    this.timeoutMs = wanted.timeoutMs();
  }

  ProduceResponseData response() {
    return response;
  }

  /** Nothing of this partition is written. */
  void refuse(PartitionProduceResponse answer, Errors error, @Nullable String message) {
    answer
        .setErrorCode(error.code())
        .setErrorMessage(message == null ? error.message() : KafkaErrors.shortened(message))
        .setBaseOffset(UNKNOWN_OFFSET)
        .setLogAppendTimeMs(RecordBatch.NO_TIMESTAMP)
        .setLogStartOffset(UNKNOWN_OFFSET);
    failure = error + ": " + answer.errorMessage();
  }

  /** An append that the caller sends on; it ends with one of the calls of {@link Append}. */
  Append newAppend(PartitionId partition, PartitionProduceResponse answer) {
    var append = new Append(partition, answer);
    appends.add(append);
    outstanding++;
    return append;
  }

  /** Everything was sent on or refused. */
  void start() {
    if (outstanding == 0) {
      answer();
    } else if (acks == ANSWER_WHEN_DURABLE) {
      lane.await(this);
    }
  }

  long deadlineNs() {
    return request.receivedNs() + Math.max(0, timeoutMs) * NS_PER_MS;
  }

  /** Answers what is known; the log still reads the records of the rest. */
  void onTimeout() {
    for (var append : appends) {
      if (!append.ended) {
        refuse(
            append.answer,
            Errors.REQUEST_TIMED_OUT,
            "not acknowledged by all in-sync replicas within timeout.ms=" + timeoutMs);
      }
    }
    giveMemoryBack = request.keepMemory();
    answer();
  }

  private void onEnded() {
    outstanding--;
    if (outstanding > 0) {
      return;
    }
    if (giveMemoryBack != null) {
      giveMemoryBack.run();
    } else {
      answer();
    }
  }

  private void answer() {
    answered = true;
    lane.onAnswered(this);
    if (acks != ANSWER_NOTHING) {
      request.respond(response);
    } else if (failure == null) {
      request.respondNothing();
    } else {
      request.disconnect("a produce with acks=0 failed: " + failure);
    }
  }

  private void hintLeader(PartitionId partition, PartitionProduceResponse answer) {
    if (request.version() < LEADER_HINTS_SINCE) {
      return;
    }
    var leader = leaders.leaderOf(partition, request);
    if (leader == null) {
      return;
    }
    var node = leader.node();
    answer.setCurrentLeader(
        new LeaderIdAndEpoch().setLeaderId(node.id()).setLeaderEpoch(leader.epoch()));
    if (response.nodeEndpoints().find(node.id()) == null) {
      response
          .nodeEndpoints()
          .add(
              new NodeEndpoint()
                  .setNodeId(node.id())
                  .setHost(node.host())
                  .setPort(node.port())
                  .setRack(node.rack()));
    }
  }

  /** The append of one partition; may end on any thread and goes on from there on the loop. */
  final class Append extends CompletionPoster.Report implements AppendCompletion {

    private final PartitionId partition;
    private final PartitionProduceResponse answer;

    private boolean ended;
    private long logAppendTimeMs = RecordBatch.NO_TIMESTAMP;
    private @Nullable AppendResult result;
    private @Nullable Invalid invalid;

    private Append(PartitionId partition, PartitionProduceResponse answer) {
      this.partition = partition;
      this.answer = answer;
    }

    AppendRequest of(ByteBuffer records) {
      return new AppendRequest(
          partition,
          records,
          acks == ANSWER_WHEN_DURABLE ? Acks.ALL : Acks.LEADER,
          AppendRequest.ANY_OFFSET,
          this);
    }

    /** The records carry the time of their append; said before they are sent on. */
    void stampedAt(long timeMs) {
      logAppendTimeMs = timeMs;
    }

    /** Looking into the records found a fault. From any thread. */
    void onInvalid(Invalid found) {
      invalid = found;
      lane.poster().post(this);
    }

    @Override
    public void onCompleted(AppendResult found) {
      result = found;
      lane.poster().post(this);
    }

    @Override
    public void run() {
      ended = true;
      if (!answered) {
        fill();
      }
      onEnded();
    }

    private void fill() {
      if (invalid != null) {
        refuse(answer, invalid.error(), invalid.message());
        answer.setRecordErrors(
            invalid.records().stream()
                .map(
                    record ->
                        new BatchIndexAndErrorMessage()
                            .setBatchIndex(record.batchIndex)
                            .setBatchIndexErrorMessage(record.message))
                .toList());
        return;
      }
      switch (result) {
        case AppendResult.Appended(long baseOffset, long logStartOffset) ->
            answer
                .setErrorCode(Errors.NONE.code())
                .setBaseOffset(baseOffset)
                .setLogAppendTimeMs(logAppendTimeMs)
                .setLogStartOffset(logStartOffset);
        // It will lead when replicas are back, and until then says what Kafka's leader says.
        case AppendResult.Refused(var refusal, var message)
            when refusal == Refusal.NOT_LEADER_OR_FOLLOWER
                && leaders.isShortOfReplicas(partition) ->
            refuseAs(Refusal.NOT_ENOUGH_REPLICAS, "too few replicas are in sync");
        case AppendResult.Refused(var refusal, var message) -> refuseAs(refusal, message);
        // Who is told that this node does not lead may rely on nothing having been written.
        case AppendResult.Uncertain(var refusal, var message)
            when refusal == Refusal.NOT_LEADER_OR_FOLLOWER ->
            refuseAs(Refusal.REQUEST_TIMED_OUT, message);
        case AppendResult.Uncertain(var refusal, var message) -> refuseAs(refusal, message);
        case null -> throw new IllegalStateException("an append ended without a result");
      }
    }

    private void refuseAs(Refusal refusal, String message) {
      ProduceTask.this.refuse(answer, KafkaErrors.of(refusal), message);
      if (refusal == Refusal.NOT_LEADER_OR_FOLLOWER) {
        hintLeader(partition, answer);
      }
    }
  }
}
