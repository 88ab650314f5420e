package io.tidelog.cold.offload;

import io.tidelog.cold.format.ColdObjectWriter;
import io.tidelog.cold.format.PreparedObject;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Brings one sealed segment into the store: prepares, uploads and verifies, and leaves the commit
 * to its caller. Blocks; runs on a thread that may. May be run again for the same segment and key:
 * an upload that succeeded and was answered with an error is then found, not made twice.
 *
 * <p>A segment without live runs becomes an object without runs: its commit moves the tier's end
 * like any other.
 */
final class OffloadTask {

  private final SealedSegment segment;
  private final String key;
  private final ObjectStore store;
  private final int indexIntervalBytes;

  /** Borrows the segment. */
  OffloadTask(SealedSegment segment, String key, ObjectStore store, int indexIntervalBytes) {
    this.segment = segment;
    this.key = key;
    this.store = store;
    this.indexIntervalBytes = indexIntervalBytes;
  }

  /**
   * Reads the segment, and lays it out as an object.
   *
   * @throws Fault.Broken when it cannot be read, or is damaged
   */
  PreparedObject prepare() {
    try {
      return ColdObjectWriter.prepare(segment, indexIntervalBytes);
    } catch (IOException e) {
      throw new Fault.Broken("segment " + segment.baseLsn() + " cannot be read", e);
    }
  }

  /**
   * @return what is to be committed
   * @throws Fault as the store says; {@code Broken} when another object has this key
   */
  ColdObject upload(PreparedObject prepared) {
    // ALREADY_EXISTS is an earlier try of ours whose answer was lost; if not, it does not verify.
    store.create(key, prepared);
    verify(prepared);
    return prepared.describe(key);
  }

  private void verify(PreparedObject prepared) {
    var stored = store.head(key);
    if (stored == null) {
      throw new Fault.Retriable("object " + key + " is not there after its upload");
    }
    if (stored.sizeBytes() != prepared.sizeBytes()) {
      throw differs("has " + stored.sizeBytes() + " bytes, not " + prepared.sizeBytes());
    }
    var expected = prepared.tail();
    var tail = ByteBuffer.allocate(expected.remaining());
    if (!store.get(key, prepared.tailPosition(), tail)) {
      throw new Fault.Retriable("object " + key + " is gone after its upload");
    }
    if (!tail.flip().equals(expected)) {
      throw differs("has another footer");
    }
  }

  private Fault.Broken differs(String how) {
    return new Fault.Broken("object " + key + " " + how);
  }
}
