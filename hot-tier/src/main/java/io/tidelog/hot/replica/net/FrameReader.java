package io.tidelog.hot.replica.net;

import io.tidelog.core.LogId;
import io.tidelog.hot.replica.net.ReplicaFormat.Type;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what one connection receives into messages. Belongs to the connection's event loop; without
 * I/O.
 *
 * <p>A frame's size is checked before room is made for it, and room for the groups of an append is
 * made only after the checksum of the frame's head. Groups go into one buffer, the receiver's from
 * then on; their own checksums are left to the follower.
 */
final class FrameReader {

  /** Of a head: larger ones get room of their own. */
  private static final int SCRATCH_BYTES = 1_024;

  private final GroupsPool pool;
  private final Predicate<LogId> isHeard;
  private final ByteBuffer scratch = ByteBuffer.allocate(SCRATCH_BYTES);

  /** The frame without its groups, as far as it has come; its limit is what is wanted. */
  private ByteBuffer head = scratch;

  /** Set once {@link ReplicaFormat#HEAD_BYTES} are there. */
  private @Nullable Type type;

  private int frameBytes;

  /** Of an append whose head is complete: its groups as far as they have come. */
  private @Nullable ByteBuffer groups;

  /** Of an append that nobody hears. */
  private int skipBytes;

  /**
   * @param isHeard whether anybody listens to the log; else the frame is passed over
   */
  FrameReader(GroupsPool pool, Predicate<LogId> isHeard) {
    this.pool = pool;
    this.isHeard = isHeard;
    reset();
  }

  /**
   * Takes bytes off {@code in}, which it borrows, up to the end of one frame.
   *
   * @return null when the bytes are used up and no message is complete
   */
  @Nullable ReplicaFrame next(ByteBuffer in) throws BadFrameException {
    while (true) {
      if (skipBytes > 0) {
        skip(in);
        if (skipBytes > 0) {
          return null;
        }
      }
      var target = groups;
      if (target != null) {
        move(in, target);
        return finishAppend(target);
      }
      move(in, head);
      if (head.hasRemaining()) {
        return null;
      }
      var frame = type == null ? onHead() : onBody(type);
      if (frame != null) {
        return frame;
      }
    }
  }

  /**
   * Where the bytes to come may be received without a copy, when so many of them are wanted.
   *
   * @return a view, or null
   */
  @Nullable ByteBuffer room(int atLeastBytes) {
    var target = groups;
    if (target == null || !target.isDirect() || target.remaining() < atLeastBytes) {
      return null;
    }
    return target.slice();
  }

  /** So many bytes were received into {@link #room}. */
  @Nullable ReplicaFrame onReceived(int bytes) throws BadFrameException {
    var target = groups;
    if (target == null) {
      throw new IllegalStateException("no groups are being received");
    }
    target.position(target.position() + bytes);
    return finishAppend(target);
  }

  /** Gives back what was received of an unfinished frame. */
  void close() {
    if (groups != null) {
      pool.giveBack(groups);
    }
    reset();
  }

  private void skip(ByteBuffer in) {
    int bytes = Math.min(skipBytes, in.remaining());
    in.position(in.position() + bytes);
    skipBytes -= bytes;
  }

  private static void move(ByteBuffer in, ByteBuffer target) {
    int bytes = Math.min(in.remaining(), target.remaining());
    target.put(target.position(), in, in.position(), bytes);
    target.position(target.position() + bytes);
    in.position(in.position() + bytes);
  }

  /** The fixed part is there: checks it and makes room for the body. */
  private @Nullable ReplicaFrame onHead() throws BadFrameException {
    int sizeBytes = head.getInt(ReplicaFormat.SIZE_POSITION);
    byte version = head.get(ReplicaFormat.VERSION_POSITION);
    if (version < ReplicaFormat.LOWEST_VERSION || version > ReplicaFormat.VERSION) {
      throw new BadFrameException("unknown version " + version);
    }
    var known = Type.of(head.get(ReplicaFormat.VERSION_POSITION + 1));
    if (version != known.since()) {
      throw new BadFrameException(known + " of version " + version);
    }
    boolean isAppend = known == Type.APPEND;
    int least = isAppend ? ReplicaFormat.APPEND_HEAD_BYTES : ReplicaFormat.HEAD_BYTES;
    int most =
        isAppend
            ? ReplicaFormat.APPEND_HEAD_BYTES + ReplicaFormat.MAX_GROUPS_BYTES
            : ReplicaFormat.MAX_PLAIN_FRAME_BYTES;
    if (sizeBytes < least - Integer.BYTES || sizeBytes > most - Integer.BYTES) {
      throw new BadFrameException(known + " of " + sizeBytes + " bytes");
    }
    type = known;
    frameBytes = sizeBytes + Integer.BYTES;
    int headBytes = isAppend ? ReplicaFormat.APPEND_HEAD_BYTES : frameBytes;
    if (headBytes > scratch.capacity()) {
      // Of its own also because a message may keep it.
      head = ByteBuffer.allocate(headBytes).put(scratch.flip());
    } else {
      head.limit(headBytes);
    }
    return head.hasRemaining() ? null : onBody(known);
  }

  private @Nullable ReplicaFrame onBody(Type known) throws BadFrameException {
    int headBytes = head.limit();
    int found = head.getInt(ReplicaFormat.CRC_POSITION);
    if (ReplicaCodec.crc(head, 0, headBytes) != found) {
      throw new BadFrameException(known + " with a wrong checksum");
    }
    int groupsBytes = frameBytes - headBytes;
    if (!isHeard.test(log())) {
      reset();
      skipBytes = groupsBytes;
      return null;
    }
    if (groupsBytes > 0) {
      groups = pool.take(groupsBytes);
      return null;
    }
    return finish(known, ReplicaCodec.noGroups());
  }

  private @Nullable ReplicaFrame finishAppend(ByteBuffer target) throws BadFrameException {
    return target.hasRemaining() ? null : finish(Type.APPEND, target.flip());
  }

  private ReplicaFrame finish(Type known, ByteBuffer received) throws BadFrameException {
    boolean isInScratch = head.capacity() == SCRATCH_BYTES;
    var body = head.slice(ReplicaFormat.HEAD_BYTES, head.limit() - ReplicaFormat.HEAD_BYTES);
    if ((known == Type.CHECKPOINT_PART || known == Type.MOVE_PART) && isInScratch) {
      body = ByteBuffer.allocate(body.remaining()).put(body).flip();
    }
    var log = log();
    reset();
    return new ReplicaFrame(log, ReplicaCodec.decodeBody(known, body, received));
  }

  private LogId log() {
    var at = head.duplicate().position(ReplicaFormat.HEAD_BYTES - 2 * Long.BYTES);
    return new LogId(ReplicaCodec.readUuid(at));
  }

  private void reset() {
    head = scratch;
    head.clear().limit(ReplicaFormat.HEAD_BYTES);
    type = null;
    groups = null;
    skipBytes = 0;
    frameBytes = 0;
  }
}
