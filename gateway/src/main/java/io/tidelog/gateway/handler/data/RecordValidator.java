package io.tidelog.gateway.handler.data;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Clock;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.TopicSettings;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.PrimitiveRef;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.jspecify.annotations.Nullable;

/**
 * Looks into every record of a batch, and writes the batch anew where the topic asks for another
 * codec or timestamp: the slow way of a produce, by Kafka's own validator. Belongs to one lane that
 * is no event loop, since it decompresses.
 */
final class RecordValidator {

  private static final String AS_PRODUCED = "producer";
  private static final int NO_EPOCH = -1;

  private final int maxRecords;
  private final Clock clock;
  private final BufferSupplier buffers = BufferSupplier.create();

  /**
   * @param maxRecords of a batch: Kafka's validator makes an object or two of each
   */
  RecordValidator(int maxRecords, Clock clock) {
    this.maxRecords = maxRecords;
    this.clock = clock;
  }

  /**
   * Whether a batch must be looked into. The newest timestamp of a batch is in its header; only
   * when that one is too new each record is asked, to tell which.
   */
  static boolean isNeeded(TopicImage topic, BatchHeader batch, long nowMs) {
    var config = topic.effective();
    return config.logAppendTime()
        || batch.isLogAppendTime()
        || config.partition().compacted()
        || config.timestampBeforeMaxMs() != Long.MAX_VALUE
        || batch.maxTimestampMs() - nowMs > config.timestampAfterMaxMs()
        || target(config.compressionType(), batch).id != batch.compressionId();
  }

  /** Borrows {@code records} and may write to them; a valid outcome may be those same bytes. */
  Outcome validate(TopicImage topic, TopicDefaults defaults, int partition, ByteBuffer records) {
    var config = topic.effective();
    var batch = BatchHeader.read(records, records.position());
    if (batch.recordCount() > maxRecords) {
      return new Invalid(
          Errors.MESSAGE_TOO_LARGE,
          "a batch of " + batch.recordCount() + " records, at most " + maxRecords + " are taken",
          List.of());
    }
    var validator =
        new LogValidator(
            MemoryRecords.readableRecords(records.slice()),
            new TopicPartition(topic.name(), partition),
            new ClockTime(clock),
            CompressionType.forId(batch.compressionId()),
            codec(topic, defaults, target(config.compressionType(), batch)),
            config.partition().compacted(),
            RecordBatch.MAGIC_VALUE_V2,
            config.logAppendTime() ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
            config.timestampBeforeMaxMs(),
            config.timestampAfterMaxMs(),
            NO_EPOCH,
            AppendOrigin.CLIENT,
            defaults.value(TopicSettings.MAX_DECOMPRESSED_MESSAGE_BYTES, topic.configs()));
    try {
      var valid =
          validator.validateMessagesAndAssignOffsets(
              PrimitiveRef.ofLong(0), Uncounted.HERE, buffers);
      var bytes = valid.validatedRecords().buffer();
      return bytes.remaining() > config.maxMessageBytes()
          ? new Invalid(
              Errors.MESSAGE_TOO_LARGE,
              "the batch written anew has "
                  + bytes.remaining()
                  + " bytes, max.message.bytes="
                  + config.maxMessageBytes(),
              List.of())
          : new Valid(
              bytes, config.logAppendTime() ? valid.logAppendTimeMs() : RecordBatch.NO_TIMESTAMP);
    } catch (RecordValidationException invalid) {
      var cause = invalid.invalidException();
      return new Invalid(Errors.forException(cause), cause.getMessage(), invalid.recordErrors());
    } catch (ApiException refused) {
      return new Invalid(Errors.forException(refused), refused.getMessage(), List.of());
    } catch (RuntimeException unreadable) {
      // A codec's own complaints come as anything.
      return new Invalid(
          Errors.CORRUPT_MESSAGE, "the records cannot be read: " + unreadable, List.of());
    }
  }

  private static CompressionType target(String compressionType, BatchHeader batch) {
    return switch (compressionType) {
      case AS_PRODUCED -> CompressionType.forId(batch.compressionId());
      case "uncompressed" -> CompressionType.NONE;
      default -> CompressionType.forName(compressionType);
    };
  }

  private static Compression codec(TopicImage topic, TopicDefaults defaults, CompressionType type) {
    var own = topic.configs();
    return switch (type) {
      case GZIP ->
          Compression.gzip()
              .level(defaults.value(TopicSettings.COMPRESSION_GZIP_LEVEL, own))
              .build();
      case LZ4 ->
          Compression.lz4().level(defaults.value(TopicSettings.COMPRESSION_LZ4_LEVEL, own)).build();
      case ZSTD ->
          Compression.zstd()
              .level(defaults.value(TopicSettings.COMPRESSION_ZSTD_LEVEL, own))
              .build();
      case NONE, SNAPPY -> Compression.of(type).build();
    };
  }

  sealed interface Outcome {}

  /**
   * @param records to be appended
   * @param logAppendTimeMs −1 when the records keep their own timestamps
   */
  record Valid(ByteBuffer records, long logAppendTimeMs) implements Outcome {}

  record Invalid(Errors error, @Nullable String message, List<RecordError> records)
      implements Outcome {}

  /** Kafka's time, told by our clock. */
  private record ClockTime(Clock clock) implements Time {

    @Override
    public long milliseconds() {
      return clock.wallMs();
    }

    @Override
    public long nanoseconds() {
      return clock.monotonicNs();
    }

    @Override
    public void sleep(long ms) {
      throw new UnsupportedOperationException("nothing sleeps here");
    }
  }

  private enum Uncounted implements LogValidator.MetricsRecorder {
    HERE;

    @Override
    public void recordInvalidMagic() {}

    @Override
    public void recordInvalidOffset() {}

    @Override
    public void recordInvalidSequence() {}

    @Override
    public void recordInvalidChecksums() {}

    @Override
    public void recordNoKeyCompactedTopic() {}
  }
}
