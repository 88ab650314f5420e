package io.tidelog.hot.format;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes one write group: its {@link Frame.GroupStart} and the frames behind it. A group is written
 * with one write and recovered as a whole or not at all. Belongs to the log's lane.
 */
public final class GroupEncoder {

  /** A larger group waits for the next write; a single larger frame is a group of its own. */
  public static final int MAX_GROUP_BYTES = 4 << 20;

  private final FrameCodec codec;
  private final ByteBuffer target;
  private final int start;
  private final long baseLsn;

  /**
   * @param target the group is written from its position on; borrowed until {@link #finish}
   * @param baseLsn where the group begins in the log
   */
  public GroupEncoder(FrameCodec codec, ByteBuffer target, long baseLsn) {
    this.codec = codec;
    this.target = target;
    this.start = target.position();
    this.baseLsn = baseLsn;
    target.position(start + FrameFormat.GROUP_START_BYTES);
  }

  /** Bytes of the group so far. */
  public int sizeBytes() {
    return target.position() - start;
  }

  /** Where the next frame will begin. */
  public long nextLsn() {
    return baseLsn + sizeBytes();
  }

  /** Adds a frame and gives the LSN at which it begins. */
  public long add(Frame frame) {
    long lsn = nextLsn();
    codec.encode(frame, target, lsn);
    return lsn;
  }

  /** As {@link #add}, with {@code more} batches behind those of {@code first}. */
  public long addGathered(Frame.RecordsFrame first, List<ByteBuffer> more) {
    long lsn = nextLsn();
    codec.encodeGathered(first, more, target, lsn);
    return lsn;
  }

  /** Writes the group's first frame; the target stands behind the group. Gives the end LSN. */
  public long finish(long term, long appendTimeMs, long commitLsn) {
    int end = target.position();
    var head = new Frame.GroupStart(term, appendTimeMs, commitLsn, end - start);
    target.position(start);
    codec.encode(head, target, baseLsn);
    target.position(end);
    return baseLsn + sizeBytes();
  }
}
