package io.tidelog.simulation.replica;

import io.tidelog.hot.replica.LocalLog;
import io.tidelog.hot.replica.TermStart;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A log of entries of one size on a disk that keeps what is synced, and perhaps more. What it has
 * in common with the log of the product is what the machine may know of it.
 */
final class ModelLog implements LocalLog {

  /** What an entry takes in the log. */
  static final int ENTRY_BYTES = 32;

  private static final int SEGMENT_ENTRIES = 16;

  private final boolean saysSynced;
  private final List<Entry> entries = new ArrayList<>();
  private int synced;
  private int committed;

  /**
   * @param value unique to the entry
   * @param commitLsn as its leader knew it
   */
  record Entry(long term, long value, long commitLsn) {

    static Entry read(ByteBuffer from) {
      var entry = new Entry(from.getLong(), from.getLong(), from.getLong());
      from.getLong();
      return entry;
    }

    void write(ByteBuffer to) {
      to.putLong(term).putLong(value).putLong(commitLsn).putLong(0);
    }

    /** Equal wherever it is committed. */
    long identity() {
      return term * 1_000_003 + value;
    }
  }

  ModelLog(Hole hole) {
    this.saysSynced = hole == Hole.WRITTEN_COUNTS_AS_SYNCED;
  }

  @Override
  public long startLsn() {
    return 0;
  }

  @Override
  public long endLsn() {
    return lsn(entries.size());
  }

  @Override
  public long syncedLsn() {
    return saysSynced ? endLsn() : lsn(synced);
  }

  @Override
  public long commitLsn() {
    return lsn(committed);
  }

  @Override
  public long lastTerm() {
    return entries.isEmpty() ? 0 : entries.getLast().term();
  }

  @Override
  public List<TermStart> history() {
    List<TermStart> terms = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (i == 0 || entries.get(i).term() != entries.get(i - 1).term()) {
        terms.add(new TermStart(entries.get(i).term(), lsn(i)));
      }
    }
    return terms;
  }

  @Override
  public long agreedLsn(List<TermStart> history, long endLsn) {
    var own = history();
    for (int i = history.size() - 1; i >= 0; i--) {
      int at = own.indexOf(history.get(i));
      if (at >= 0) {
        return Math.min(end(history, i, endLsn), end(own, at, endLsn()));
      }
    }
    return 0;
  }

  private static long end(List<TermStart> history, int at, long endLsn) {
    return at + 1 < history.size() ? history.get(at + 1).lsn() : endLsn;
  }

  @Override
  public boolean mayFollow(long segmentBaseLsn) {
    return segmentBaseLsn == segmentBaseLsn(endLsn());
  }

  @Override
  public long segmentBaseLsn(long lsn) {
    return lsn / ENTRY_BYTES / SEGMENT_ENTRIES * SEGMENT_ENTRIES * ENTRY_BYTES;
  }

  private static long lsn(int index) {
    return (long) index * ENTRY_BYTES;
  }

  List<Entry> entries() {
    return entries;
  }

  void append(Entry entry) {
    entries.add(entry);
  }

  ByteBuffer read(long fromLsn, int maxBytes) {
    int from = (int) (fromLsn / ENTRY_BYTES);
    int to = Math.min(entries.size(), from + Math.max(1, maxBytes / ENTRY_BYTES));
    var bytes = ByteBuffer.allocate((to - from) * ENTRY_BYTES);
    entries.subList(from, to).forEach(entry -> entry.write(bytes));
    return bytes.flip();
  }

  boolean isSynced() {
    return synced == entries.size();
  }

  int synced() {
    return synced;
  }

  void sync(long lsn) {
    synced = Math.max(synced, Math.min(entries.size(), (int) (lsn / ENTRY_BYTES)));
  }

  /** Gives the index of the first entry that is newly committed, and raises the commit. */
  int commit(long lsn) {
    int before = committed;
    committed = Math.max(committed, (int) Math.min(entries.size(), lsn / ENTRY_BYTES));
    return before;
  }

  int committed() {
    return committed;
  }

  void truncate(long lsn) {
    int size = (int) (lsn / ENTRY_BYTES);
    entries.subList(size, entries.size()).clear();
    synced = Math.min(synced, size);
  }

  /** The process is gone; the page cache holds what was written. */
  void reopen() {
    committed = 0;
    for (var entry : entries) {
      committed = Math.max(committed, (int) (entry.commitLsn() / ENTRY_BYTES));
    }
    committed = Math.min(committed, entries.size());
    synced = entries.size();
  }

  /** The power is gone, and with it some of what was not synced. */
  void losePower(int kept) {
    truncate(lsn(Math.min(entries.size(), synced + kept)));
  }

  void wipe() {
    entries.clear();
    synced = 0;
    committed = 0;
  }
}
