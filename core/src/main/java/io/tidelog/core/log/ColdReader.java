package io.tidelog.core.log;

import java.util.List;

/** Reads offloaded records for whoever serves a client. Safe to call from any thread. */
public interface ColdReader {

  /**
   * Reads whole batches from the one that contains {@code request.fetchOffset()}, up to {@code
   * request.maxBytes()} but at least one, across references. Never blocks. Completes with {@link
   * ReadResult.Records} at {@code at}, or {@link ReadResult.Failed}; a retriable fault when an
   * object is gone, so that the caller asks the log again.
   */
  void read(
      ReadRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion);

  /** As {@link LogReader#findByTime}, in these references only. */
  void findByTime(
      TimeRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion);
}
