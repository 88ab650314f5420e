package io.tidelog.simulation.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The contents of one file twice: as a reader sees them now, and as they are on the medium. In
 * between lie the writes since the last sync, each of which may or may not reach the medium when
 * the power goes.
 */
final class SimFile {

  private static final int SECTOR_BYTES = 512;

  private byte[] seen = new byte[0];
  private byte[] durable = new byte[0];
  private final List<Change> unsynced = new ArrayList<>();

  /** A sync failed: readers may see what no later sync brings to the medium. */
  private boolean isLossy;

  private sealed interface Change {}

  private record Write(long position, byte[] bytes) implements Change {}

  private record Cut(long size) implements Change {}

  byte[] seen() {
    return seen;
  }

  void write(long position, byte[] bytes) {
    unsynced.add(new Write(position, bytes));
    seen = written(seen, position, bytes, bytes.length);
  }

  void truncate(long size) {
    if (size < seen.length) {
      unsynced.add(new Cut(size));
      seen = Arrays.copyOf(seen, (int) size);
    }
  }

  void sync() {
    durable = isLossy ? applied() : seen;
    unsynced.clear();
  }

  private byte[] applied() {
    byte[] result = durable;
    for (var change : unsynced) {
      result =
          switch (change) {
            case Cut cut ->
                cut.size() < result.length ? Arrays.copyOf(result, (int) cut.size()) : result;
            case Write write ->
                written(result, write.position(), write.bytes(), write.bytes().length);
          };
    }
    return result;
  }

  /** Changes one bit below {@code end}, on the medium too; what is not synced stays as it is. */
  void rot(int end, Random random) {
    int limit = Math.min(end, Math.min(durable.length, seen.length));
    if (limit > 0) {
      int at = random.nextInt(limit);
      rot(at, (byte) (1 << random.nextInt(8)));
    }
  }

  /** Changes bits of one byte, on the medium too if it is there. */
  void rot(int at, byte mask) {
    if (at < durable.length) {
      durable = durable.clone();
      durable[at] ^= mask;
    }
    seen = seen.clone();
    seen[at] ^= mask;
  }

  /** Changes one bit, on the medium too. */
  void damage(Random random) {
    if (durable.length > 0) {
      durable = durable.clone();
      durable[random.nextInt(durable.length)] ^= (byte) (1 << random.nextInt(8));
      seen = durable;
      unsynced.clear();
    }
  }

  /**
   * The sync failed: some of what was written since the last one is lost for ever, although readers
   * go on seeing it for as long as the machine runs, and no later sync tells or brings it back.
   */
  void failSync(Random random) {
    isLossy = true;
    unsynced.removeIf(change -> random.nextBoolean());
  }

  /** The power goes: each unsynced write reached the medium or not, whole sectors of it or none. */
  void losePower(Random random) {
    byte[] kept = durable;
    for (var change : unsynced) {
      kept =
          switch (change) {
            case Cut cut ->
                random.nextBoolean() && cut.size() < kept.length
                    ? Arrays.copyOf(kept, (int) cut.size())
                    : kept;
            case Write write -> torn(kept, write, random);
          };
    }
    unsynced.clear();
    isLossy = false;
    durable = kept;
    seen = kept;
  }

  private static byte[] torn(byte[] contents, Write write, Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> contents;
      case 1 -> written(contents, write.position(), write.bytes(), write.bytes().length);
      default -> {
        byte[] result = contents;
        for (int at = 0; at < write.bytes().length; at += SECTOR_BYTES) {
          if (random.nextBoolean()) {
            int end = Math.min(write.bytes().length, at + SECTOR_BYTES);
            var sector = Arrays.copyOfRange(write.bytes(), at, end);
            result = written(result, write.position() + at, sector, sector.length);
          }
        }
        yield result;
      }
    };
  }

  private static byte[] written(byte[] contents, long position, byte[] bytes, int count) {
    int end = Math.toIntExact(position + count);
    // Always a new array: what was read or is durable must not change with it.
    byte[] result = Arrays.copyOf(contents, Math.max(contents.length, end));
    System.arraycopy(bytes, 0, result, (int) position, count);
    return result;
  }
}
