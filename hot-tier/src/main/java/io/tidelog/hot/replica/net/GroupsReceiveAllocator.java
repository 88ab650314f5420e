package io.tidelog.hot.replica.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has the socket of one connection read write groups into the receiver's memory itself, and
 * anything else into pooled buffers. Belongs to the connection's event loop.
 */
final class GroupsReceiveAllocator extends DefaultMaxMessagesRecvByteBufAllocator {

  /** Of one read. */
  static final int READ_BYTES = 64 << 10;

  private final Supplier<@Nullable ByteBuffer> room;
  private @Nullable ByteBuf direct;

  /**
   * @param room where the next bytes belong when there is much to come, else null
   */
  GroupsReceiveAllocator(Supplier<@Nullable ByteBuffer> room) {
    this.room = room;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty has no other way to say where a read goes.
  public RecvByteBufAllocator.Handle newHandle() {
    return new RoomHandle();
  }

  /** Whether what was read lies where it belongs already. */
  @SuppressWarnings("ReferenceEquality") // The very buffer, whatever is in it.
  boolean isDirect(ByteBuf read) {
    return read == direct;
  }

  private final class RoomHandle extends MaxMessageHandle {

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      var target = room.get();
      if (target == null) {
        direct = null;
        return allocator.directBuffer(READ_BYTES, READ_BYTES);
      }
      var wrapped = Unpooled.wrappedBuffer(target).clear();
      direct = wrapped;
      return wrapped;
    }

    @Override
    public int guess() {
      return READ_BYTES;
    }
  }
}
