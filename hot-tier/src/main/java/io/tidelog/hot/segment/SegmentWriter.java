package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.disk.NoSpaceException;
import io.tidelog.hot.format.FrameFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends write groups to the active segment. Owned by the log's lane: it writes to the page cache
 * there, and leaves waiting for the disk to a {@link SyncTask}.
 *
 * <p>Promises: a group lies in one segment; what was written is in the index and the ring before
 * {@link #append} returns; after a failed write or sync nothing is ever written again. Leaves to
 * others: what the frames mean, when to sync, who seals.
 */
public final class SegmentWriter {

  /** Whether a group may use the space that is held back. */
  public enum Urgency {
    /** Records. */
    ORDINARY,
    /** Frames that free space or end something: they may use the reserve of a full disk. */
    CONTROL
  }

  private final LogDisk disk;
  private final LogId log;
  private final SegmentConfig config;
  private final SegmentSet segments;
  private final TailRing ring;
  private final SpareSegments spares;
  private final SpaceReserve reserve;
  private final SegmentRetirement retirement;
  private final Segment.IndexSource indexSource;

  private Segment active;
  private ActiveIndex activeIndex;
  private long endLsn;
  private long syncedLsn;

  /** Written since the last sync began; held. */
  private List<Segment> dirty = new ArrayList<>();

  private boolean directoryDirty;
  private boolean syncing;

  /** Begun since the active segment became it. */
  private long activeSyncs;

  private boolean full;
  private Fault.@Nullable Broken broken;

  /** Sealed and not yet handed out by {@link #takeSealed}; held. */
  private List<Segment> sealed = new ArrayList<>();

  /** The parts of a recovered log that a writer works with. */
  record Parts(
      LogDisk disk,
      LogId log,
      SegmentConfig config,
      SegmentSet segments,
      TailRing ring,
      SpareSegments spares,
      SpaceReserve reserve,
      SegmentRetirement retirement,
      Segment.IndexSource indexSource) {}

  /** Continues after recovery: what is there is durable. */
  SegmentWriter(Parts parts) {
    this.disk = parts.disk();
    this.log = parts.log();
    this.config = parts.config();
    this.segments = parts.segments();
    this.ring = parts.ring();
    this.spares = parts.spares();
    this.reserve = parts.reserve();
    this.retirement = parts.retirement();
    this.indexSource = parts.indexSource();
    this.active = segments.active();
    this.activeIndex = activeIndexOf(active);
    for (var segment : segments.list()) {
      if (segment != active
          && segment.loadedIndex() instanceof ActiveIndex
          && segment.tryRetain()) {
        sealed.add(segment);
      }
    }
    this.endLsn = active.endLsn();
    this.syncedLsn = endLsn;
  }

  private static ActiveIndex activeIndexOf(Segment active) {
    if (active.loadedIndex() instanceof ActiveIndex index) {
      return index;
    }
    throw new IllegalStateException("the active segment has no index");
  }

  /** Where the next write group begins. */
  public long endLsn() {
    return endLsn;
  }

  /** Below it everything is on stable storage. */
  public long syncedLsn() {
    return syncedLsn;
  }

  /** Whether records are refused because the disk is full. */
  public boolean isFull() {
    return full;
  }

  /** Why nothing can be written any more, or null. */
  public Fault.@Nullable Broken fault() {
    return broken;
  }

  /**
   * Gives memory into which one write group is encoded, to begin at {@link #endLsn}; valid until
   * the next call of {@code reserve}.
   *
   * @param groupBytes size of the group, not an upper bound; at most {@link
   *     SegmentConfig#MAX_GROUP_BYTES} and the size of a segment
   */
  public ByteBuffer reserve(int groupBytes) {
    if (groupBytes > config.segmentBytes() || groupBytes > SegmentConfig.MAX_GROUP_BYTES) {
      throw new IllegalArgumentException("a write group of " + groupBytes + " bytes");
    }
    return ring.reserve(groupBytes, endLsn);
  }

  /**
   * Appends the encoded group, from the position to the limit of memory that {@link #reserve} gave.
   */
  public AppendOutcome append(ByteBuffer group, Urgency urgency) {
    if (broken != null) {
      return new AppendOutcome.Failed(broken);
    }
    if (full && urgency == Urgency.ORDINARY) {
      return new AppendOutcome.Full("disk is full, folder=" + disk.describe());
    }
    return attempt(() -> write(group), urgency);
  }

  /** Whether groups of a segment with this base may follow: the active one, or one that begins. */
  public boolean mayFollow(long segmentBaseLsn) {
    return segmentBaseLsn == active.baseLsn() || segmentBaseLsn == endLsn;
  }

  /**
   * Appends sound write groups that the leader wrote, which begin at {@link #endLsn}, all of them
   * or none; borrows them. Rolls exactly when they begin another segment, whatever size segments
   * have here, so that files are the same on every replica. They are read from the file, not from
   * the tail in memory.
   *
   * @throws IllegalArgumentException when they do not follow what is here
   */
  public AppendOutcome appendReplicated(RawGroups groups, Urgency urgency) {
    long segmentEnd = groups.endLsn() - groups.segmentBaseLsn();
    if (groups.lsn() != endLsn
        || !mayFollow(groups.segmentBaseLsn())
        || segmentEnd > SegmentConfig.MAX_SEGMENT_BYTES) {
      throw new IllegalArgumentException(
          groups + ", the log ends at " + endLsn + " in segment " + active.baseLsn());
    }
    if (broken != null) {
      return new AppendOutcome.Failed(broken);
    }
    if (full && urgency == Urgency.ORDINARY) {
      return new AppendOutcome.Full("disk is full, folder=" + disk.describe());
    }
    return attempt(() -> writeReplicated(groups), urgency);
  }

  private AppendOutcome writeReplicated(RawGroups groups) throws IOException {
    if (groups.segmentBaseLsn() != active.baseLsn()) {
      roll();
    }
    var bytes = groups.bytes();
    int position = (int) active.sizeBytes();
    writeAt(bytes, position);
    for (int at = bytes.position(); at < bytes.limit(); ) {
      int size = bytes.getInt(at + FrameFormat.HEADER_BYTES + Long.BYTES);
      var group = bytes.duplicate().limit(at + size).position(at);
      GroupIndexer.enter(group, position + at - bytes.position(), activeIndex);
      at += size;
    }
    endLsn += bytes.remaining();
    active.advance(endLsn);
    return new AppendOutcome.Written(endLsn);
  }

  @FunctionalInterface
  private interface Attempt {
    AppendOutcome run() throws IOException;
  }

  private AppendOutcome attempt(Attempt write, Urgency urgency) {
    try {
      return write.run();
    } catch (NoSpaceException e) {
      return onNoSpace(write, urgency);
    } catch (IOException e) {
      return new AppendOutcome.Failed(breakDown("write", e));
    }
  }

  private AppendOutcome onNoSpace(Attempt write, Urgency urgency) {
    full = true;
    try {
      if (urgency == Urgency.CONTROL) {
        reserve.release();
        return write.run();
      }
      return new AppendOutcome.Full("disk is full, folder=" + disk.describe());
    } catch (NoSpaceException e) {
      return new AppendOutcome.Full("disk and its reserve are full, folder=" + disk.describe());
    } catch (IOException e) {
      return new AppendOutcome.Failed(breakDown("write", e));
    }
  }

  private AppendOutcome write(ByteBuffer group) throws IOException {
    int size = group.remaining();
    if (active.sizeBytes() > 0 && active.sizeBytes() + size > config.segmentBytes()) {
      roll();
    }
    int position = (int) active.sizeBytes();
    writeAt(group, position);
    GroupIndexer.enter(group, position, activeIndex);
    endLsn += size;
    active.advance(endLsn);
    ring.publish(endLsn);
    return new AppendOutcome.Written(endLsn);
  }

  private void writeAt(ByteBuffer bytes, int position) throws IOException {
    try {
      active.file().write(bytes.duplicate(), position);
    } catch (NoSpaceException e) {
      discardTail(position);
      throw e;
    }
    markDirty(active);
  }

  /**
   * Takes back the part of a group that was written. Only what made the file longer: in a file
   * written through before, the next group overwrites it, and it alone begins at this LSN.
   */
  private void discardTail(int position) throws IOException {
    if (active.file().size() < config.segmentBytes()) {
      active.file().truncate(position);
    }
  }

  private void markDirty(Segment segment) {
    if ((dirty.isEmpty() || dirty.getLast() != segment) && segment.tryRetain()) {
      dirty.add(segment);
    }
  }

  /** Seals the active segment, if it holds something and is old enough. */
  public void maybeRoll(long nowMs) {
    long oldestMs = activeIndex.firstAppendTimeMs();
    boolean old = oldestMs != Long.MAX_VALUE && nowMs - oldestMs >= config.segmentMaxAgeMs();
    if (old && broken == null && !full) {
      rollNow();
    }
  }

  /** Seals the active segment unless it is empty; the disk being full leaves it as it is. */
  public void rollNow() {
    if (active.sizeBytes() == 0 || broken != null) {
      return;
    }
    try {
      roll();
    } catch (NoSpaceException e) {
      full = true;
    } catch (IOException e) {
      breakDown("roll", e);
    }
  }

  private void roll() throws IOException {
    var name = SegmentNames.of(endLsn, SegmentNames.SEGMENT);
    @Nullable DiskFile spare = spares.take(name);
    var file = spare == null ? disk.create(name) : spare;
    directoryDirty = true;
    spares.onSealed(active.sizeBytes(), activeSyncs);
    activeSyncs = 0;
    active.seal();
    if (active.tryRetain()) {
      sealed.add(active);
    }
    activeIndex = new ActiveIndex();
    active =
        new Segment(file, new SegmentSpan(endLsn, endLsn), activeIndex, indexSource, retirement);
    segments.add(active);
    markDirty(active);
  }

  private Fault.Broken breakDown(String what, IOException e) {
    var fault =
        new Fault.Broken(
            "segment log failed, what="
                + what
                + " log="
                + log
                + " segment="
                + active.name()
                + " lsn="
                + endLsn,
            e);
    broken = fault;
    return fault;
  }

  /**
   * Begins to make durable what is written; null when everything is, or a sync is under way, or the
   * log is broken.
   */
  public @Nullable SyncTask beginSync() {
    if (syncing || broken != null || (dirty.isEmpty() && !directoryDirty)) {
      return null;
    }
    var task = new SyncTask(disk, dirty, directoryDirty, endLsn);
    dirty = new ArrayList<>();
    directoryDirty = false;
    syncing = true;
    activeSyncs++;
    return task;
  }

  /** The task begun last has run. */
  public void onSynced(SyncTask task) {
    syncing = false;
    syncedLsn = task.endLsn();
    task.segments().forEach(Segment::release);
  }

  /** The task begun last has failed: what it covers may be lost, and the log is broken. */
  public Fault.Broken onSyncFailed(SyncTask task, IOException e) {
    syncing = false;
    task.segments().forEach(Segment::release);
    return breakDown("sync", e);
  }

  /**
   * Gives the segments sealed since the last call, oldest first; the caller has each one sealed by
   * a {@link SegmentSeal}.
   */
  public List<Segment> takeSealed() {
    var taken = sealed;
    sealed = new ArrayList<>();
    return taken;
  }

  /** A seal has run: its index takes over. */
  public void onSealed(SegmentSeal seal) {
    seal.publish();
  }

  /** Takes records again if the disk was full and has room now. */
  public void maybeRecover() {
    try {
      if (full && disk.usableBytes() >= config.resumeBytes()) {
        full = false;
      }
    } catch (IOException e) {
      breakDown("look for free space", e);
    }
  }

  /** Lets go of every file; what is not synced may be lost. May be called twice. */
  public void close() {
    if (broken == null) {
      cutActive();
    }
    abandon();
  }

  /** As {@link #close}, but leaves the files as they are. */
  void abandon() {
    if (broken == null) {
      broken = new Fault.Broken("segment log is closed, log=" + log);
    }
    dirty.forEach(Segment::release);
    sealed.forEach(Segment::release);
    dirty = new ArrayList<>();
    sealed = new ArrayList<>();
    segments.releaseAll();
  }

  /** Spares the next recovery the search of a tail in which nothing was written. */
  private void cutActive() {
    try {
      active.file().truncate(active.sizeBytes());
    } catch (IOException e) {
      // Nothing depends on it: recovery finds the same end, only later.
      breakDown("close", e);
    }
  }
}
