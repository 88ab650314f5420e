package io.tidelog.gateway.handler.data;

import io.tidelog.core.BatchCheck;
import io.tidelog.core.BatchHeader;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.fetch.PerLoop;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;
import org.jspecify.annotations.Nullable;

/**
 * Produce: checks each batch where it lies in the received frame and appends it as it is; batches
 * of topics that want their records looked into take the slow way over a lane of their own.
 */
public final class ProduceHandler implements RequestHandler {

  private static final int ZSTD_SINCE = 7;
  private static final int TOPIC_IDS_SINCE = 13;

  private final ClusterImages images;
  private final LogAppender log;
  private final ValidationLanes validation;
  private final PartitionLeaders leaders;
  private final Clock clock;
  private final PerLoop<ProduceLane> lanes;

  public ProduceHandler(
      ClusterImages images,
      LogAppender log,
      LogReader reader,
      ValidationLanes validation,
      Clock clock) {
    this.images = images;
    this.log = log;
    this.validation = validation;
    this.leaders = new PartitionLeaders(images, reader, ClientZones.UNSET);
    this.clock = clock;
    this.lanes = new PerLoop<>(loop -> new ProduceLane(loop, clock, log));
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.PRODUCE;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = ((ProduceRequest) request.body()).data();
    var lane = lanes.of(request.lane());
    var task = new ProduceTask(request, wanted, lane, leaders);
    var refusal = refuseWhole(wanted);
    for (var topic : wanted.topicData()) {
      var answers = new ArrayList<PartitionProduceResponse>(topic.partitionData().size());
      task.response()
          .responses()
          .add(
              new TopicProduceResponse()
                  .setName(topic.name())
                  .setTopicId(topic.topicId())
                  .setPartitionResponses(answers));
      var from = refusal == null ? find(topic, request.version()) : null;
      for (var partition : topic.partitionData()) {
        var answer = new PartitionProduceResponse().setIndex(partition.index());
        answers.add(answer);
        var why = refusal != null ? refusal : refuse(from, partition, request.version());
        if (why != null) {
          task.refuse(answer, why.error, why.message);
        } else if (from != null) {
          send(task, lane, from, answer, ((MemoryRecords) partition.records()).buffer());
        }
      }
    }
    task.start();
  }

  private void send(
      ProduceTask task,
      ProduceLane lane,
      TopicImage topic,
      PartitionProduceResponse answer,
      ByteBuffer records) {
    var partition = topic.partition(answer.index());
    var append = task.newAppend(partition, answer);
    var batch = BatchHeader.read(records, records.position());
    if (RecordValidator.isNeeded(topic, batch, clock.wallMs())) {
      sendSlowly(append, topic, partition, records);
    } else {
      lane.append(append.of(records));
    }
  }

  private void sendSlowly(
      ProduceTask.Append append, TopicImage topic, PartitionId partition, ByteBuffer records) {
    var defaults = images.current().topicDefaults();
    validation.execute(
        partition,
        validator -> {
          switch (validator.validate(topic, defaults, partition.partition(), records)) {
            case RecordValidator.Invalid invalid -> append.onInvalid(invalid);
            case RecordValidator.Valid(var valid, var logAppendTimeMs) -> {
              append.stampedAt(logAppendTimeMs);
              log.append(List.of(append.of(valid)));
            }
          }
        });
  }

  private static @Nullable Why refuseWhole(ProduceRequestData wanted) {
    if (wanted.acks() < -1 || wanted.acks() > 1) {
      return new Why(Errors.INVALID_REQUIRED_ACKS, "acks=" + wanted.acks());
    }
    // An error that ends a transactional producer rather than making it try again.
    return wanted.transactionalId() == null ? null : Why.NO_TRANSACTIONS;
  }

  private @Nullable TopicImage find(TopicProduceData topic, short version) {
    var image = images.current();
    return version >= TOPIC_IDS_SINCE
        ? image.topic(KafkaIds.ours(topic.topicId()))
        : image.topic(topic.name());
  }

  private static @Nullable Why refuse(
      @Nullable TopicImage topic, PartitionProduceData partition, short version) {
    if (topic == null) {
      return version >= TOPIC_IDS_SINCE ? Why.NO_SUCH_TOPIC_ID : Why.NO_SUCH_TOPIC_OR_PARTITION;
    }
    if (partition.index() < 0 || partition.index() >= topic.partitionCount()) {
      return Why.NO_SUCH_TOPIC_OR_PARTITION;
    }
    if (Topic.isInternal(topic.name())) {
      return Why.INTERNAL;
    }
    return refuseRecords(topic, partition, version);
  }

  private static @Nullable Why refuseRecords(
      TopicImage topic, PartitionProduceData partition, short version) {
    if (!(partition.records() instanceof MemoryRecords records)) {
      return new Why(Errors.INVALID_RECORD, "no record batch");
    }
    var bytes = records.buffer();
    try {
      int batches = BatchCheck.checkProduced(bytes, topic.effective().maxMessageBytes());
      if (batches > 1) {
        return new Why(Errors.INVALID_RECORD, batches + " record batches, only one is taken");
      }
    } catch (Fault.Refused refused) {
      return new Why(KafkaErrors.of(refused.refusal()), refused.getMessage());
    }
    var batch = BatchHeader.read(bytes, bytes.position());
    if (batch.isTransactional()) {
      return Why.NO_TRANSACTIONS;
    }
    if (batch.compressionId() == CompressionType.ZSTD.id && version < ZSTD_SINCE) {
      return new Why(
          Errors.UNSUPPORTED_COMPRESSION_TYPE, "zstd is taken since version " + ZSTD_SINCE);
    }
    return null;
  }

  /** Repeats no name: a request may ask for half a million partitions of one topic. */
  private record Why(Errors error, @Nullable String message) {

    private static final Why NO_SUCH_TOPIC_ID = new Why(Errors.UNKNOWN_TOPIC_ID, null);
    private static final Why NO_SUCH_TOPIC_OR_PARTITION =
        new Why(Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
    private static final Why INTERNAL =
        new Why(Errors.INVALID_TOPIC_EXCEPTION, "clients may not write to internal topics");

    private static final Why NO_TRANSACTIONS =
        new Why(Errors.UNSUPPORTED_VERSION, "transactions are not supported by this cluster");
  }
}
