package io.tidelog.gateway.wire;

import io.tidelog.core.log.RecordBytes;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Record batches inside a response that are sent from where they lie, in memory or in a file. Owns
 * the bytes; whoever answers with it hands it over.
 */
public record RecordPayload(RecordBytes bytes) implements BaseRecords, AutoCloseable {

  @Override
  public int sizeInBytes() {
    return bytes.sizeBytes();
  }

  /** Our own encoder sends it; Kafka's network layer is not used. */
  @Override
  public RecordsSend<? extends BaseRecords> toSend() {
    throw new UnsupportedOperationException("sent by ResponseEncoder only");
  }

  @Override
  public void close() {
    bytes.close();
  }
}
