package io.tidelog.hot.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk in memory that loses what was not synced: after {@link #crash} each sector of an unsynced
 * write is there or not, files have a length from before or after, and renames, creations and
 * deletions since the last directory sync happened up to some point. It fills up and fails on
 * command. For one thread, but for readers beside it.
 */
public final class FaultyLogDisk implements LogDisk {

  private final Random random;
  private final TreeMap<String, FaultyFile> names = new TreeMap<>();

  /** Names as after the last directory sync, and what was done since. */
  private Map<String, FaultyFile> durableNames = new HashMap<>();

  private final List<NameChange> nameChanges = new ArrayList<>();
  private final List<FaultyFile> opened = new ArrayList<>();

  long capacityBytes = Long.MAX_VALUE;
  private boolean failNextSync;
  private boolean failNextWrite;

  private record NameChange(String name, FaultyFile file, boolean present) {}

  public FaultyLogDisk(Random random) {
    this.random = random;
  }

  /** From now on no more than this fits, unless something is deleted. */
  public void setCapacity(long bytes) {
    capacityBytes = bytes;
  }

  public void failNextSync() {
    failNextSync = true;
  }

  public void failNextWrite() {
    failNextWrite = true;
  }

  long usedBytes() {
    return names.values().stream().distinct().mapToLong(file -> file.length).sum();
  }

  void maybeFailSync() throws IOException {
    if (failNextSync) {
      failNextSync = false;
      throw new IOException("Input/output error");
    }
  }

  void maybeFailWrite() throws IOException {
    if (failNextWrite) {
      failNextWrite = false;
      throw new IOException("Input/output error");
    }
  }

  /** The power goes: open files are useless, and a part of what was not synced is lost. */
  public void crash() {
    var survived = new HashMap<>(durableNames);
    int kept = random.nextInt(nameChanges.size() + 1);
    for (var change : nameChanges.subList(0, kept)) {
      if (change.present()) {
        survived.values().removeIf(file -> file == change.file());
        survived.put(change.name(), change.file());
      } else if (survived.get(change.name()) == change.file()) {
        survived.remove(change.name());
      }
    }
    names.clear();
    survived.forEach((name, file) -> names.put(name, file.afterCrash(random)));
    durableNames = new HashMap<>(names);
    nameChanges.clear();
    opened.forEach(file -> file.dead = true);
    opened.clear();
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
    opened.add(file);
    return new FaultyHandle(name, file);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    if (names.containsKey(name)) {
      throw new FileAlreadyExistsException(name);
    }
    var file = new FaultyFile(this);
    change(name, file, true);
    return open(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    var file = names.get(from);
    if (file == null) {
      throw new FileNotFoundException(from);
    }
    names.remove(from);
    change(to, file, true);
  }

  @Override
  public void delete(String name) {
    var file = names.remove(name);
    if (file != null) {
      nameChanges.add(new NameChange(name, file, false));
    }
  }

  private void change(String name, FaultyFile file, boolean present) {
    names.put(name, file);
    nameChanges.add(new NameChange(name, file, present));
  }

  @Override
  public void syncDirectory() throws IOException {
    maybeFailSync();
    durableNames = new HashMap<>(names);
    nameChanges.clear();
  }

  @Override
  public long usableBytes() {
    return capacityBytes - usedBytes();
  }

  @Override
  public String describe() {
    return "memory";
  }

  @Override
  public void close() {}

  /** Bytes of a file as they are now. */
  public byte[] contents(String name) {
    var file = names.get(name);
    if (file == null) {
      throw new IllegalArgumentException(name);
    }
    return file.contents();
  }

  /** Replaces the bytes of a file, durably. */
  public void replace(String name, byte[] contents) {
    var file = new FaultyFile(this);
    file.setDurable(contents);
    names.put(name, file);
    durableNames.put(name, file);
  }

  /** A copy of everything as it is now, all of it durable. */
  public FaultyLogDisk copy(Random copyRandom) {
    var copy = new FaultyLogDisk(copyRandom);
    names.forEach((name, file) -> copy.replace(name, file.contents()));
    return copy;
  }
}
