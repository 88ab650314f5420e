package io.tidelog.gateway.handler.forward;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.PartitionId;
import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.jspecify.annotations.Nullable;

/** A produce request, partition by partition. The records are only passed on. */
final class ProducePieces extends ApiPieces {

  private static final short ANSWER_NOTHING = 0;
  private static final short ANSWER_WHEN_WRITTEN = 1;
  private static final long UNKNOWN_OFFSET = -1;

  /** A node notices that a produce has timed out this much later at most. */
  private static final int NODE_TIMEOUT_GRACE_MS = 1_000;

  private final ProduceRequestData wanted;
  private final List<Partition> partitions = new ArrayList<>();
  private final ProduceResponseData response = new ProduceResponseData();

  /** A partition of the request, with its place in the response. */
  private record Partition(
      int topic,
      TopicProduceResponse answerTopic,
      PartitionProduceData records,
      PartitionId id,
      PartitionProduceResponse answer) {}

  ProducePieces(ClientRequest request, ClusterImage image) {
    super(request);
    this.wanted = ((ProduceRequest) request.body()).data();
    for (var topic : wanted.topicData()) {
      var known = ProduceApi.find(topic, request.version(), image);
      var answers = new ArrayList<PartitionProduceResponse>(topic.partitionData().size());
      var answerTopic =
          new TopicProduceResponse()
              .setName(topic.name())
              .setTopicId(topic.topicId())
              .setPartitionResponses(answers);
      response.responses().add(answerTopic);
      for (var partition : topic.partitionData()) {
        int index = partition.index();
        var answer = new PartitionProduceResponse().setIndex(index);
        answers.add(answer);
        if (known == null) {
          refuse(
              answer,
              ProduceApi.isById(request.version())
                  ? Errors.UNKNOWN_TOPIC_ID
                  : Errors.UNKNOWN_TOPIC_OR_PARTITION,
              null);
        } else if (index < 0 || index >= known.partitionCount()) {
          refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
        } else {
          partitions.add(
              new Partition(
                  response.responses().size(),
                  answerTopic,
                  partition,
                  known.partition(index),
                  answer));
        }
      }
    }
  }

  @Override
  public int count() {
    return partitions.size();
  }

  @Override
  public @Nullable Route route(int piece, ClusterImage image) {
    var id = partitions.get(piece).id;
    var topic = image.topic(id.topicId());
    return topic == null ? null : Route.of(image, topic, id.partition());
  }

  @Override
  public Object line(int piece) {
    return partitions.get(piece).id;
  }

  /** A repeated batch of an idempotent producer is answered as a duplicate. */
  @Override
  public boolean isRepeatable(int piece) {
    if (!(partitions.get(piece).records.records() instanceof MemoryRecords records)
        || records.sizeInBytes() < BatchHeader.SIZE_BYTES) {
      return true; // refused wherever it comes
    }
    var bytes = records.buffer();
    return BatchHeader.read(bytes, bytes.position()).hasProducerId();
  }

  @Override
  public int timeoutMs() {
    return Math.max(0, wanted.timeoutMs());
  }

  @Override
  public int patienceMs() {
    return NODE_TIMEOUT_GRACE_MS;
  }

  /** Nodes answer always, so that what was not done can be sent again. */
  @Override
  ApiMessage part(List<Piece> pieces, int timeLeftMs) {
    var part =
        new ProduceRequestData()
            .setTransactionalId(wanted.transactionalId())
            .setAcks(wanted.acks() == ANSWER_NOTHING ? ANSWER_WHEN_WRITTEN : wanted.acks())
            .setTimeoutMs(timeLeftMs);
    int topic = -1;
    TopicProduceData to = null;
    for (var piece : pieces) {
      var partition = partitions.get(piece.index());
      if (to == null || topic != partition.topic) {
        topic = partition.topic;
        var named = partition.answerTopic;
        to = new TopicProduceData().setName(named.name()).setTopicId(named.topicId());
        part.topicData().add(to);
      }
      to.partitionData().add(partition.records.duplicate());
    }
    return part;
  }

  @Override
  AbstractRequest parsed(ApiMessage part) {
    return new ProduceRequest((ProduceRequestData) part, request().version());
  }

  @Override
  Runnable keepWhileSent() {
    return request().keepMemory();
  }

  @Override
  void take(ApiMessage answer, List<Piece> pieces) {
    var next = pieces.iterator();
    for (var topic : ((ProduceResponseData) answer).responses()) {
      for (var told : topic.partitionResponses()) {
        requireSame(next.hasNext());
        var mine = partitions.get(next.next().index()).answer;
        requireSame(mine.index() == told.index());
        mine.setErrorCode(told.errorCode())
            .setErrorMessage(told.errorMessage())
            .setBaseOffset(told.baseOffset())
            .setLogAppendTimeMs(told.logAppendTimeMs())
            .setLogStartOffset(told.logStartOffset())
            .setRecordErrors(told.recordErrors())
            .setCurrentLeader(new LeaderIdAndEpoch());
      }
    }
    requireSame(!next.hasNext());
  }

  /** A node that knows nothing of the topic yet has an older picture than this one. */
  @Override
  public Verdict verdict(int piece) {
    return switch (Errors.forCode(partitions.get(piece).answer.errorCode())) {
      case NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION -> Verdict.NOT_LED;
      case OUT_OF_ORDER_SEQUENCE_NUMBER -> Verdict.OUT_OF_ORDER;
      default -> Verdict.FINAL;
    };
  }

  @Override
  public void refuse(int piece, Reason reason) {
    var answer = partitions.get(piece).answer;
    switch (reason) {
      case NOT_LED ->
          refuse(
              answer,
              Errors.NOT_LEADER_OR_FOLLOWER,
              "nobody led the partition for timeout.ms=" + wanted.timeoutMs());
      case UNKNOWN ->
          refuse(
              answer,
              Errors.REQUEST_TIMED_OUT,
              "the partition's leader did not answer; the records may have been written");
    }
  }

  @Override
  public void answer() {
    if (wanted.acks() != ANSWER_NOTHING) {
      request().respond(response);
      return;
    }
    for (var topic : response.responses()) {
      for (var partition : topic.partitionResponses()) {
        if (partition.errorCode() != Errors.NONE.code()) {
          request()
              .disconnect("a produce with acks=0 failed: " + Errors.forCode(partition.errorCode()));
          return;
        }
      }
    }
    request().respondNothing();
  }

  private static void refuse(
      PartitionProduceResponse answer, Errors error, @Nullable String message) {
    answer
        .setErrorCode(error.code())
        .setErrorMessage(message == null ? error.message() : message)
        .setBaseOffset(UNKNOWN_OFFSET)
        .setLogAppendTimeMs(RecordBatch.NO_TIMESTAMP)
        .setLogStartOffset(UNKNOWN_OFFSET);
  }
}
