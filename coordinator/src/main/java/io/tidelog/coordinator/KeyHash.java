package io.tidelog.coordinator;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Stands for a record key: SipHash-2-4 with 128 bits (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012). Keyed with a secret, so that nobody who chooses group names can make two
 * keys collide, and one key would hide another's record.
 */
record KeyHash(long first, long second) {

  /** The secret of one process; both halves random. */
  record Secret(long first, long second) {}

  /** Hashes position to limit; borrows the buffer and moves nothing in it. */
  static KeyHash of(ByteBuffer key, Secret secret) {
    var bytes = key.slice().order(ByteOrder.LITTLE_ENDIAN);
    var state = new State(secret);
    int length = bytes.limit();
    int whole = length & ~7;
    for (int i = 0; i < whole; i += 8) {
      state.absorb(bytes.getLong(i));
    }
    long last = (long) length << 56;
    for (int i = length - 1; i >= whole; i--) {
      last |= (bytes.get(i) & 0xffL) << (8 * (i - whole));
    }
    state.absorb(last);
    return state.finish();
  }

  private static final class State {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    State(Secret secret) {
      v0 = secret.first() ^ 0x736f6d6570736575L;
      v1 = secret.second() ^ 0x646f72616e646f6dL ^ 0xee;
      v2 = secret.first() ^ 0x6c7967656e657261L;
      v3 = secret.second() ^ 0x7465646279746573L;
    }

    void absorb(long word) {
      v3 ^= word;
      rounds(2);
      v0 ^= word;
    }

    KeyHash finish() {
      v2 ^= 0xee;
      rounds(4);
      long first = v0 ^ v1 ^ v2 ^ v3;
      v1 ^= 0xdd;
      rounds(4);
      return new KeyHash(first, v0 ^ v1 ^ v2 ^ v3);
    }

    private void rounds(int count) {
      for (int i = 0; i < count; i++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
    }
  }
}
