package io.tidelog.coordinator;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A record of an internal partition.
 *
 * @param value null for a tombstone
 * @param sizeBytes what the record takes in its batch
 */
record KeyedRecord(
    long offset, long timestampMs, ByteBuffer key, @Nullable ByteBuffer value, int sizeBytes) {

  boolean isTombstone() {
    return value == null;
  }
}
