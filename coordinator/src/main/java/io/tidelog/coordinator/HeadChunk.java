package io.tidelog.coordinator;

import java.util.List;

/**
 * The oldest whole batches of an internal partition, as read from its log.
 *
 * @param endOffset after the last batch
 * @param sizeBytes of the batches
 */
record HeadChunk(List<KeyedRecord> records, long endOffset, long sizeBytes) {

  HeadChunk {
    records = List.copyOf(records);
  }
}
