package io.tidelog.cold.read;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import java.nio.ByteBuffer;

/** Goes from batch to batch by their headers, and never out of the bytes. */
final class BatchWalk {

  private final ByteBuffer bytes;
  private final String objectKey;
  private int position;

  BatchWalk(ByteBuffer bytes, String objectKey) {
    this.bytes = bytes;
    this.objectKey = objectKey;
  }

  boolean hasNext() {
    return position < bytes.limit();
  }

  /**
   * @throws Fault.Broken when what follows is no batch
   */
  BatchHeader next() {
    int left = bytes.limit() - position;
    if (left < BatchHeader.SIZE_BYTES) {
      throw damaged();
    }
    var batch = BatchHeader.read(bytes, position);
    if (batch.sizeBytes() < BatchHeader.SIZE_BYTES
        || batch.sizeBytes() > left
        || batch.lastOffsetDelta() < 0) {
      throw damaged();
    }
    position += batch.sizeBytes();
    return batch;
  }

  /** After the last batch. */
  int position() {
    return position;
  }

  private Fault.Broken damaged() {
    return new Fault.Broken("object " + objectKey + " has bytes that are no batch");
  }
}
