package io.tidelog.metadata.store.embedded;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a store: {@code snapshot-N} and, from it on, {@code log-N}. Owned by the store's
 * thread. Promises that what {@link #append} returned from is found again by {@link #recover},
 * group by group in order, whatever a crash left of the group after it.
 *
 * <p>A group is one block under one checksum, written only when the one before was forced. So a
 * block that cannot be read and has a readable one behind it was durable once: that is damage, and
 * the store refuses to open. Without one behind it, it is the tail of a crash and is cut.
 */
final class StoreJournal implements AutoCloseable {

  /** A log smaller than this is not worth a snapshot. */
  static final long MIN_SNAPSHOT_LOG_BYTES = 8L << 20;

  /** A snapshot is taken when the log is so many times as large as the one before. */
  static final int SNAPSHOT_LOG_FACTOR = 2;

  private static final String SNAPSHOT = "snapshot-";
  private static final String LOG = "log-";
  private static final String TEMPORARY = "new-snapshot";

  private final StoreDirectory directory;
  private final long minSnapshotLogBytes;
  private long number;
  private long nextSequence;
  private StoreDirectory.@Nullable AppendFile log;
  private long logBytes;
  private long snapshotBytes;
  private long snapshotAtBytes;

  private StoreJournal(StoreDirectory directory, long minSnapshotLogBytes) {
    this.directory = directory;
    this.minSnapshotLogBytes = minSnapshotLogBytes;
  }

  /**
   * Reads the newest snapshot and its log into {@code state}, cuts a torn tail and makes what is
   * kept durable before anybody sees it: in new files, since the process before may have ended at a
   * force that failed, and then the bytes of the old ones are in memory only while another force of
   * them succeeds. An empty folder becomes an empty store.
   *
   * @param minSnapshotLogBytes {@link #MIN_SNAPSHOT_LOG_BYTES} but in tests
   * @throws Fault.Broken when something that was durable cannot be read
   */
  static StoreJournal recover(
      StoreDirectory directory, StoreState state, long nowNs, long minSnapshotLogBytes)
      throws IOException {
    var journal = new StoreJournal(directory, minSnapshotLogBytes);
    var names = directory.names();
    long newest = names.stream().mapToLong(name -> numberOf(name, SNAPSHOT)).max().orElse(0);
    if (newest == 0) {
      journal.checkNothingIsLost(names);
      journal.startNew(1, state);
    } else {
      journal.replay(newest, names, state, nowNs);
      if (journal.nextSequence > 0) {
        journal.takeSnapshot(state);
      }
    }
    journal.deleteOthers();
    state.onRecovered();
    return journal;
  }

  /**
   * Writes one group and forces it. After a failure nothing more may be appended, as what the disk
   * holds is unknown until the next {@link #recover}; but for a disk that is full.
   *
   * @throws Fault.Retriable when the disk took not all of it and nothing of it is left
   */
  void append(List<Change> changes) throws IOException {
    var block = StoreFormat.block(number, nextSequence, changes);
    int sizeBytes = block.remaining();
    try {
      openLog().write(block);
    } catch (IOException e) {
      openLog().cut(logBytes);
      throw new Fault.Retriable("the metadata log cannot grow", e);
    }
    openLog().force();
    nextSequence++;
    logBytes += sizeBytes;
  }

  /** The log is long enough to start a new one. */
  boolean wantsSnapshot() {
    return logBytes >= snapshotAtBytes;
  }

  /**
   * Starts a new log under a snapshot of {@code state}, which is what was appended so far. When it
   * cannot be written the old log goes on, and another is wanted when that has doubled.
   *
   * @return whether there is a new snapshot
   */
  boolean takeSnapshot(StoreState state) throws IOException {
    var oldLog = openLog();
    StoreDirectory.AppendFile newLog;
    try {
      newLog = prepare(number + 1, state);
    } catch (IOException e) {
      snapshotAtBytes = 2 * logBytes;
      deleteOthers(); // a full disk needs the room
      return false;
    }
    switchTo(number + 1, newLog);
    oldLog.close();
    deleteOthers();
    return true;
  }

  @Override
  public void close() throws IOException {
    if (log != null) {
      log.close();
      log = null;
    }
    directory.close();
  }

  private void checkNothingIsLost(List<String> names) throws IOException {
    for (var name : names) {
      long logNumber = numberOf(name, LOG);
      if (logNumber > 1
          || (logNumber == 1 && directory.read(name).length > StoreFormat.LOG_HEADER_BYTES)) {
        throw new Fault.Broken("metadata log " + logNumber + " has lost its snapshot");
      }
    }
  }

  private void startNew(long newNumber, StoreState state) throws IOException {
    switchTo(newNumber, prepare(newNumber, state));
  }

  /** Writes everything the new number needs, all durable, and not yet in force. */
  private StoreDirectory.AppendFile prepare(long newNumber, StoreState state) throws IOException {
    var bytes = StoreFormat.snapshot(newNumber, state.snapshot());
    snapshotBytes = bytes.remaining();
    try (var file = directory.append(TEMPORARY, 0)) {
      file.write(bytes);
      file.force();
    }
    var newLog = directory.append(LOG + newNumber, 0);
    boolean prepared = false;
    try {
      newLog.write(StoreFormat.logHeader(newNumber));
      newLog.force();
      directory.force();
      prepared = true;
      return newLog;
    } finally {
      if (!prepared) {
        newLog.close();
      }
    }
  }

  private void switchTo(long newNumber, StoreDirectory.AppendFile newLog) throws IOException {
    directory.rename(TEMPORARY, SNAPSHOT + newNumber);
    directory.force();
    number = newNumber;
    nextSequence = 0;
    log = newLog;
    logBytes = StoreFormat.LOG_HEADER_BYTES;
    scheduleSnapshot();
  }

  private void replay(long newest, List<String> names, StoreState state, long nowNs)
      throws IOException {
    number = newest;
    var snapshot = directory.read(SNAPSHOT + newest);
    state.restore(StoreFormat.readSnapshot(snapshot, newest), nowNs);
    snapshotBytes = snapshot.length;
    if (!names.contains(LOG + newest)) {
      throw new Fault.Broken("metadata snapshot " + newest + " has lost its log");
    }
    var bytes = directory.read(LOG + newest);
    StoreFormat.checkLogHeader(bytes, newest);
    int position = StoreFormat.LOG_HEADER_BYTES;
    int size;
    while ((size = StoreFormat.soundBlockBytes(bytes, position, newest)) > 0) {
      if (StoreFormat.blockSequence(bytes, position) != nextSequence) {
        throw new Fault.Broken("metadata log " + newest + " misses block " + nextSequence);
      }
      StoreFormat.changes(bytes, position, size).forEach(change -> state.apply(change, nowNs));
      nextSequence++;
      position += size;
    }
    checkIsTail(bytes, position);
    log = directory.append(LOG + newest, position);
    log.force();
    directory.force();
    logBytes = position;
    scheduleSnapshot();
  }

  private void checkIsTail(byte[] bytes, int end) {
    for (int position = end + 1; position < bytes.length; position++) {
      if (StoreFormat.soundBlockBytes(bytes, position, number) > 0) {
        throw new Fault.Broken(
            "metadata log "
                + number
                + " is damaged at byte "
                + end
                + ": what follows at byte "
                + position
                + " is sound");
      }
    }
  }

  private void scheduleSnapshot() {
    snapshotAtBytes = Math.max(minSnapshotLogBytes, SNAPSHOT_LOG_FACTOR * snapshotBytes);
  }

  private void deleteOthers() throws IOException {
    for (var name : directory.names()) {
      boolean ours = name.equals(SNAPSHOT + number) || name.equals(LOG + number);
      if (!ours && (name.equals(TEMPORARY) || numberOf(name, SNAPSHOT) + numberOf(name, LOG) > 0)) {
        directory.delete(name);
      }
    }
  }

  private StoreDirectory.AppendFile openLog() {
    if (log == null) {
      throw new Fault.Broken("the metadata log is closed");
    }
    return log;
  }

  /** The number behind the prefix, or 0 when the name is not of that kind. */
  private static long numberOf(String name, String prefix) {
    if (!name.startsWith(prefix) || !name.substring(prefix.length()).matches("[1-9][0-9]{0,17}")) {
      return 0;
    }
    return Long.parseLong(name.substring(prefix.length()));
  }
}
