package io.tidelog.hot.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Contents of a file of a {@link FaultyLogDisk}, and what was done to it since the last sync. */
final class FaultyFile {

  private static final int SECTOR_BYTES = 512;

  private final FaultyLogDisk disk;
  private volatile byte[] bytes = {};
  volatile int length;
  volatile boolean dead;

  private byte[] durable = {};
  private final List<Change> changes = new ArrayList<>();

  private sealed interface Change {
    record Write(int position, byte[] bytes) implements Change {}

    record Truncate(int size) implements Change {}
  }

  FaultyFile(FaultyLogDisk disk) {
    this.disk = disk;
  }

  byte[] contents() {
    return Arrays.copyOf(bytes, length);
  }

  void setDurable(byte[] contents) {
    bytes = contents.clone();
    length = bytes.length;
    durable = contents.clone();
    changes.clear();
  }

  void write(ByteBuffer source, long position) throws IOException {
    requireAlive();
    disk.maybeFailWrite();
    long room = disk.capacityBytes - disk.usedBytes();
    long grows = Math.max(0, position + source.remaining() - length);
    boolean full = grows > room;
    int fits = full ? (int) Math.max(0, length + room - position) : source.remaining();
    byte[] taken = new byte[Math.max(0, Math.min(fits, source.remaining()))];
    source.get(taken);
    put(taken, (int) position);
    changes.add(new Change.Write((int) position, taken));
    if (full) {
      throw new NoSpaceException("full");
    }
  }

  private void put(byte[] taken, int position) {
    int end = position + taken.length;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
    }
    System.arraycopy(taken, 0, bytes, position, taken.length);
    length = Math.max(length, end);
  }

  int read(ByteBuffer target, long position) throws IOException {
    requireAlive();
    int count = (int) Math.max(0, Math.min(target.remaining(), length - position));
    target.put(bytes, (int) Math.min(position, bytes.length), count);
    return count;
  }

  void truncate(long size) throws IOException {
    requireAlive();
    if (size < length) {
      Arrays.fill(bytes, (int) size, length, (byte) 0);
      length = (int) size;
      changes.add(new Change.Truncate((int) size));
    }
  }

  void sync() throws IOException {
    requireAlive();
    disk.maybeFailSync();
    durable = Arrays.copyOf(bytes, length);
    changes.clear();
  }

  private void requireAlive() throws IOException {
    if (dead) {
      throw new IOException("the disk is gone");
    }
  }

  /**
   * The file as it is found after a crash: all, nothing, or some sectors of what was not synced.
   */
  FaultyFile afterCrash(Random random) {
    var found = new FaultyFile(disk);
    int mode = random.nextInt(4);
    found.bytes = durable.clone();
    found.length = durable.length;
    for (var change : changes) {
      switch (change) {
        case Change.Write write -> {
          for (int at = 0; at < write.bytes().length; at += SECTOR_BYTES) {
            if (mode == 1 || (mode > 1 && random.nextBoolean())) {
              int end = Math.min(at + SECTOR_BYTES, write.bytes().length);
              found.put(Arrays.copyOfRange(write.bytes(), at, end), write.position() + at);
            }
          }
        }
        case Change.Truncate truncate -> {
          if ((mode == 1 || (mode > 1 && random.nextBoolean())) && truncate.size() < found.length) {
            Arrays.fill(found.bytes, truncate.size(), found.length, (byte) 0);
            found.length = truncate.size();
          }
        }
      }
    }
    found.setDurable(found.contents());
    return found;
  }
}
