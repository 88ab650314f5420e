package io.tidelog.metadata.store.embedded;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A folder in memory that keeps exactly what was forced when the power goes, and of the rest what
 * chance keeps: single sectors, a length, a rename without the one before it.
 */
final class PowerLossDirectory implements StoreDirectory {

  private static final int SECTOR_BYTES = 64;

  private final Random random;
  private TreeMap<String, Inode> names = new TreeMap<>();
  private TreeMap<String, Inode> durableNames = new TreeMap<>();
  private final List<Consumer<TreeMap<String, Inode>>> unforced = new ArrayList<>();
  private int operationsLeft = Integer.MAX_VALUE;
  private volatile boolean full;
  private volatile boolean failsNextForce;

  PowerLossDirectory(Random random) {
    this.random = random;
  }

  /** The power goes in the middle of so many operations from now. */
  void losePowerAfter(int operations) {
    operationsLeft = operations;
  }

  /** From now on files cannot grow, or can again. */
  void setFull(boolean isFull) {
    full = isFull;
  }

  /**
   * The next force fails, and as on Linux what it should have written counts as written from then
   * on: it is read, it is forced no more, and it goes with the power.
   */
  void failNextForce() {
    failsNextForce = true;
  }

  /** The power is back; what was not forced is partly gone. */
  void restorePower() {
    for (var operation : unforced) {
      if (random.nextBoolean()) {
        operation.accept(durableNames);
      }
    }
    unforced.clear();
    names = new TreeMap<>(durableNames);
    names.values().forEach(inode -> inode.losePower(random));
    operationsLeft = Integer.MAX_VALUE;
  }

  /** A file's bytes as they are, to be damaged by a test. */
  byte[] bytes(String name) {
    return names.get(name).current;
  }

  void replace(String name, byte[] bytes) {
    names.get(name).current = bytes;
  }

  /** The same content, apart from this one. */
  PowerLossDirectory copy() {
    var copy = new PowerLossDirectory(random);
    names.forEach(
        (name, inode) -> {
          var copied = new Inode();
          copied.current = inode.current.clone();
          copied.durable = copied.current;
          copy.names.put(name, copied);
          copy.durableNames.put(name, copied);
        });
    return copy;
  }

  @Override
  public List<String> names() {
    return List.copyOf(names.keySet());
  }

  @Override
  public byte[] read(String name) throws IOException {
    var inode = names.get(name);
    if (inode == null) {
      throw new FileNotFoundException(name);
    }
    return inode.current.clone();
  }

  @Override
  public AppendFile append(String name, long sizeBytes) throws IOException {
    operate();
    var inode = names.get(name);
    if (inode == null) {
      var created = new Inode();
      inode = created;
      apply(directory -> directory.put(name, created));
    }
    inode.current = Arrays.copyOf(inode.current, (int) sizeBytes);
    return new MemoryFile(inode);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    operate();
    var inode = names.get(from);
    apply(
        directory -> {
          directory.remove(from);
          directory.put(to, inode);
        });
  }

  @Override
  public void delete(String name) throws IOException {
    operate();
    apply(directory -> directory.remove(name));
  }

  @Override
  public void force() throws IOException {
    operate();
    durableNames = new TreeMap<>(names);
    unforced.clear();
  }

  @Override
  public void close() {}

  private void apply(Consumer<TreeMap<String, Inode>> operation) {
    operation.accept(names);
    unforced.add(operation);
  }

  private void operate() throws IOException {
    if (--operationsLeft < 0) {
      throw new IOException("no power");
    }
  }

  private static final class Inode {

    private byte[] current = new byte[0];
    private byte[] durable = new byte[0];

    /** Read as written and never written, from here; the end of the file when there is none. */
    private int forgottenFrom = Integer.MAX_VALUE;

    private void force() {
      durable = Arrays.copyOf(current, Math.min(current.length, forgottenFrom));
    }

    private void losePower(Random random) {
      int length = random.nextBoolean() ? current.length : durable.length;
      if (current.length > durable.length && random.nextBoolean()) {
        length = durable.length + random.nextInt(current.length - durable.length);
      }
      var kept = Arrays.copyOf(durable, length);
      for (int from = 0; from < Math.min(length, current.length); from += SECTOR_BYTES) {
        if (random.nextBoolean()) {
          int end = Math.min(from + SECTOR_BYTES, Math.min(length, current.length));
          System.arraycopy(current, from, kept, from, end - from);
        }
      }
      current = kept;
      durable = kept;
    }
  }

  private final class MemoryFile implements AppendFile {

    private final Inode inode;

    MemoryFile(Inode inode) {
      this.inode = inode;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      boolean powered = operationsLeft > 0 && !full;
      int written = powered ? bytes.remaining() : random.nextInt(bytes.remaining() + 1);
      int end = inode.current.length;
      inode.current = Arrays.copyOf(inode.current, end + written);
      bytes.get(inode.current, end, written);
      operate();
      if (full) {
        throw new IOException("no space");
      }
    }

    @Override
    public void cut(long sizeBytes) throws IOException {
      operate();
      inode.current = Arrays.copyOf(inode.current, (int) sizeBytes);
      inode.force();
    }

    @Override
    public void force() throws IOException {
      operate();
      if (failsNextForce) {
        failsNextForce = false;
        inode.forgottenFrom = inode.durable.length;
        throw new IOException("a force that fails");
      }
      inode.force();
    }

    @Override
    public void close() {}
  }
}
