package io.tidelog.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection's bytes into frames: four bytes of length, then so many bytes. Belongs to its
 * connection's event loop.
 *
 * <p>A length is checked against the limits and against the memory all connections share before any
 * room is made. A frame that lies whole in what was read is a view of it; any other one gets one
 * buffer of exactly its size, or on a connection that has sent nothing valid one that grows with
 * what arrives.
 */
final class FrameSplitter implements AutoCloseable {

  /** How a call of {@link #next} ended. */
  sealed interface Outcome {

    /** A frame without its length; gives the buffer, and its bytes are reserved. */
    record Frame(ByteBuf bytes) implements Outcome {}

    /** All bytes are taken and the frame is not complete. */
    record NeedsMore() implements Outcome {}

    /** The shared memory has no room for the frame now; ask again later. */
    record NeedsMemory() implements Outcome {}

    /** What comes is no frame this connection may send. */
    record Refused(String reason) implements Outcome {}
  }

  private static final Outcome NEEDS_MORE = new Outcome.NeedsMore();
  private static final Outcome NEEDS_MEMORY = new Outcome.NeedsMemory();

  /** Enough of a header to tell a produce request. */
  static final int PEEK_BYTES = 10;

  private static final int SIZE_BYTES = Integer.BYTES;

  private final ByteBufAllocator allocator;
  private final Limits limits;
  private final LongPredicate reserve;
  private final Predicate<ByteBuffer> startsProduce;

  private final ByteBuffer prefix = ByteBuffer.allocate(SIZE_BYTES + PEEK_BYTES);
  private boolean proven;
  private int prefixNeeded = SIZE_BYTES;
  private int frameBytes = -1;
  private @Nullable ByteBuf partial;
  private long bytesTaken;

  /**
   * @param reserve takes so many bytes of the shared memory, or says no
   * @param startsProduce whether a frame that starts with these {@link #PEEK_BYTES} bytes is a
   *     produce request that is served
   */
  FrameSplitter(
      ByteBufAllocator allocator,
      Limits limits,
      LongPredicate reserve,
      Predicate<ByteBuffer> startsProduce) {
    this.allocator = allocator;
    this.limits = limits;
    this.reserve = reserve;
    this.startsProduce = startsProduce;
  }

  /**
   * Largest frames.
   *
   * @param produceBytes of a produce request, whose records are not parsed into objects
   * @param otherBytes of any other request, after the connection's first valid one
   * @param unprovenBytes of any other request, before it
   */
  record Limits(int produceBytes, int otherBytes, int unprovenBytes) {

    int withoutLook(boolean proven) {
      return Math.min(proven ? otherBytes : unprovenBytes, produceBytes);
    }
  }

  /** The connection has sent a valid request: the larger limit holds from the next frame on. */
  void onProven() {
    proven = true;
  }

  /** Takes bytes off {@code in}, which it borrows, up to the end of one frame. */
  Outcome next(ByteBuf in) {
    if (frameBytes < 0) {
      var outcome = takeSize(in);
      if (outcome != null) {
        return outcome;
      }
    }
    return takeBody(in);
  }

  /** Whether some bytes of a frame have arrived but not all. */
  boolean inFrame() {
    return frameBytes >= 0 || prefix.position() > 0;
  }

  /** Whether the next frame's size is known and only its reservation is missing. */
  boolean awaitsMemory() {
    return frameBytes < 0 && prefix.position() == prefixNeeded;
  }

  /** All bytes taken ever, to measure progress with. */
  long bytesTaken() {
    return bytesTaken;
  }

  /** Size of the frame that is being received, or 0. */
  int frameBytes() {
    return Math.max(frameBytes, 0);
  }

  /** Bytes reserved for a frame that is not complete. */
  long reservedBytes() {
    return frameBytes();
  }

  /** Gives up the unfinished frame; its reservation is the caller's to return. */
  @Override
  public void close() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
    frameBytes = -1;
    prefix.clear();
    prefixNeeded = SIZE_BYTES;
  }

  /** Null once the size is known, allowed and reserved. */
  private @Nullable Outcome takeSize(ByteBuf in) {
    if (!fillPrefix(in)) {
      return NEEDS_MORE;
    }
    int size = prefix.getInt(0);
    if (size < 0 || size > limits.produceBytes()) {
      return new Outcome.Refused("frame of " + size + " bytes, limit is " + limits.produceBytes());
    }
    int limit = limits.withoutLook(proven);
    if (size > limit) {
      prefixNeeded = SIZE_BYTES + PEEK_BYTES;
      if (!fillPrefix(in)) {
        return NEEDS_MORE;
      }
      if (!startsProduce.test(prefix.slice(SIZE_BYTES, PEEK_BYTES).asReadOnlyBuffer())) {
        return new Outcome.Refused(
            (proven ? "frame of " : "first frame of ") + size + " bytes, limit is " + limit);
      }
    }
    if (!reserve.test(size)) {
      return NEEDS_MEMORY;
    }
    frameBytes = size;
    return null;
  }

  private boolean fillPrefix(ByteBuf in) {
    int wanted = Math.min(prefixNeeded - prefix.position(), in.readableBytes());
    if (wanted > 0) {
      prefix.limit(prefix.position() + wanted);
      in.readBytes(prefix);
      prefix.limit(prefix.capacity());
      bytesTaken += wanted;
    }
    return prefix.position() >= prefixNeeded;
  }

  private Outcome takeBody(ByteBuf in) {
    int peeked = prefix.position() - SIZE_BYTES;
    if (partial == null && peeked == 0 && in.readableBytes() >= frameBytes) {
      bytesTaken += frameBytes;
      return finish(in.readRetainedSlice(frameBytes));
    }
    var frame = partial;
    if (frame == null) {
      // Who has proven nothing gets no more than it sends.
      int room = proven ? frameBytes : Math.min(frameBytes, limits.unprovenBytes());
      frame = allocator.directBuffer(room, frameBytes);
      frame.writeBytes(prefix.array(), SIZE_BYTES, peeked);
      partial = frame;
    }
    int wanted = Math.min(frameBytes - frame.writerIndex(), in.readableBytes());
    frame.writeBytes(in, wanted);
    bytesTaken += wanted;
    if (frame.writerIndex() < frameBytes) {
      return NEEDS_MORE;
    }
    partial = null;
    return finish(frame);
  }

  private Outcome finish(ByteBuf frame) {
    frameBytes = -1;
    prefix.clear();
    prefixNeeded = SIZE_BYTES;
    return new Outcome.Frame(frame);
  }
}
