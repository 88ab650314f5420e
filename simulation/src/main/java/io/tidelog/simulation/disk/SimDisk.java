package io.tidelog.simulation.disk;

import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.disk.NoSpaceException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * One folder of one machine. {@link #kill} keeps what the operating system has (its page cache),
 * {@link #losePower} does not.
 */
public final class SimDisk implements LogDisk {

  private final Random random;
  private TreeMap<String, SimFile> names = new TreeMap<>();
  private TreeMap<String, SimFile> durableNames = new TreeMap<>();
  private final List<TreeMap<String, SimFile>> unsyncedNames = new ArrayList<>();
  private long capacityBytes = Long.MAX_VALUE;
  private int failingSyncs;
  private int incarnation;
  private int openFiles;

  public SimDisk(long seed) {
    this.random = new Random(seed);
  }

  /** From now on, no more than this many bytes in all files; the overshoot of a write is torn. */
  public void limitTo(long bytes) {
    capacityBytes = bytes;
  }

  /** The next {@code count} syncs fail with EIO. */
  public void failSyncs(int count) {
    failingSyncs = count;
  }

  /** Damages one bit of the file, if it is there. */
  public void damage(String name) {
    var file = names.get(name);
    if (file != null) {
      file.damage(random);
    }
  }

  /** Damages one bit of the first {@code end} bytes of the file, whoever has it open. */
  public void rot(String name, int end) {
    var file = names.get(name);
    if (file != null) {
      file.rot(end, random);
    }
  }

  /** Damages the lowest bit of one byte of the file, if it is there, whoever has it open. */
  public void rotAt(String name, int position) {
    var file = names.get(name);
    if (file != null) {
      file.rot(position, (byte) 1);
    }
  }

  /** The file as a reader sees it now; not to be changed. */
  public byte[] contents(String name) {
    var file = names.get(name);
    return file == null ? new byte[0] : file.seen();
  }

  /** Somebody puts a file there, whole and durable. */
  public void put(String name, byte[] contents) {
    var file = new SimFile();
    file.write(0, contents);
    file.sync();
    names.put(name, file);
    syncDirectory();
  }

  /** The process dies and all files are gone. */
  public void wipe() {
    kill();
    names = new TreeMap<>();
    durableNames = new TreeMap<>();
    unsyncedNames.clear();
  }

  /** Files that the running process has open. */
  public int openFiles() {
    return openFiles;
  }

  void onOpened() {
    openFiles++;
  }

  void onClosed(int ofIncarnation) {
    if (ofIncarnation == incarnation) {
      openFiles--;
    }
  }

  /** The process dies; what it wrote stays, what it has open is dead. */
  public void kill() {
    incarnation++;
    openFiles = 0;
  }

  /** The machine dies: of everything not synced, any part may be gone. */
  public void losePower() {
    kill();
    int kept = random.nextInt(unsyncedNames.size() + 1);
    var survivors = kept == 0 ? durableNames : unsyncedNames.get(kept - 1);
    names = new TreeMap<>(survivors);
    durableNames = new TreeMap<>(survivors);
    unsyncedNames.clear();
    names.values().stream().distinct().forEach(file -> file.losePower(random));
  }

  int incarnation() {
    return incarnation;
  }

  @Override
  public List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public DiskFile open(String name) throws IOException {
    var file = names.get(name);
    if (file == null) {
      throw new FileNotFoundException(name);
    }
    return new SimOpenFile(this, name, file);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    if (names.containsKey(name)) {
      throw new IOException(name + " exists");
    }
    var file = new SimFile();
    names.put(name, file);
    unsyncedNames.add(new TreeMap<>(names));
    return new SimOpenFile(this, name, file);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    var file = names.remove(from);
    if (file == null) {
      throw new FileNotFoundException(from);
    }
    names.put(to, file);
    unsyncedNames.add(new TreeMap<>(names));
  }

  @Override
  public void delete(String name) {
    if (names.remove(name) != null) {
      unsyncedNames.add(new TreeMap<>(names));
    }
  }

  @Override
  public void syncDirectory() {
    durableNames = new TreeMap<>(names);
    unsyncedNames.clear();
  }

  @Override
  public long usableBytes() {
    return Math.max(0, capacityBytes - usedBytes());
  }

  @Override
  public String describe() {
    return "simulated disk";
  }

  @Override
  public void close() {}

  void write(SimFile file, long position, byte[] bytes) throws IOException {
    if (capacityBytes == Long.MAX_VALUE) {
      file.write(position, bytes);
      return;
    }
    long room = capacityBytes - usedBytes();
    long growth = position + bytes.length - file.seen().length;
    if (growth <= room) {
      file.write(position, bytes);
      return;
    }
    int fits = (int) Math.max(0, Math.min(bytes.length, bytes.length - (growth - room)));
    int written = fits == 0 ? 0 : random.nextInt(fits);
    if (written > 0) {
      file.write(position, java.util.Arrays.copyOf(bytes, written));
    }
    throw new NoSpaceException("the simulated disk is full");
  }

  void sync(SimFile file) throws IOException {
    if (failingSyncs > 0) {
      failingSyncs--;
      file.failSync(random);
      throw new IOException("simulated EIO");
    }
    file.sync();
  }

  private long usedBytes() {
    return names.values().stream().distinct().mapToLong(file -> file.seen().length).sum();
  }
}
