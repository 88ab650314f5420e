package io.tidelog.metadata.store;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import java.util.HashSet;
import java.util.List;

/** The limits of {@link MetadataStore}, checked before a call leaves for the store. */
public final class TxnLimits {

  /** Longest key, in characters. */
  public static final int MAX_KEY_LENGTH = 1024;

  private static final int MAX_TTL_MS = 24 * 60 * 60 * 1000;

  private TxnLimits() {}

  /**
   * The size of a transaction within the limits, in bytes.
   *
   * @throws Fault.Refused {@code INVALID_REQUEST} when it is not within them
   */
  public static int checkedBytes(Txn txn) {
    int most =
        Math.max(txn.compares().size(), Math.max(txn.thenOps().size(), txn.elseOps().size()));
    if (most > MetadataStore.MAX_TXN_OPS) {
      throw refused(
          "a transaction of " + most + " operations, at most " + MetadataStore.MAX_TXN_OPS);
    }
    long bytes = 0;
    for (var compare : txn.compares()) {
      bytes += checkedKey(compare.key()).length();
    }
    bytes += checkedBytes(txn.thenOps()) + checkedBytes(txn.elseOps());
    if (bytes > MetadataStore.MAX_TXN_BYTES) {
      throw refused("a transaction of " + bytes + " bytes, at most " + MetadataStore.MAX_TXN_BYTES);
    }
    return (int) bytes;
  }

  /**
   * A time to live that a lease may have, in ms.
   *
   * @throws Fault.Refused {@code INVALID_REQUEST} when it is none
   */
  public static long checkedTtlMs(long ttlMs) {
    if (ttlMs < 1 || ttlMs > MAX_TTL_MS) {
      throw refused("a lease of " + ttlMs + " ms");
    }
    return ttlMs;
  }

  private static long checkedBytes(List<Txn.Op> ops) {
    var written = new HashSet<String>();
    long bytes = 0;
    for (var op : ops) {
      bytes += checkedKey(op.key()).length();
      if (op instanceof Txn.Op.Put put) {
        bytes += put.value().length;
      }
      if (!(op instanceof Txn.Op.Get) && !written.add(op.key())) {
        throw refused("a transaction writes key " + op.key() + " twice");
      }
    }
    return bytes;
  }

  private static String checkedKey(String key) {
    boolean sound = !key.isEmpty() && key.length() <= MAX_KEY_LENGTH;
    if (!sound || !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw refused("a key is 1 to " + MAX_KEY_LENGTH + " visible ASCII characters");
    }
    return key;
  }

  private static Fault.Refused refused(String message) {
    return new Fault.Refused(Refusal.INVALID_REQUEST, message);
  }
}
