package io.tidelog.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.tidelog.core.log.RecordBytes.FilePart;
import io.tidelog.core.log.RecordBytes.MemoryPart;
import io.tidelog.core.log.RecordBytes.Part;
import io.tidelog.gateway.wire.RecordPayload;
import io.tidelog.gateway.wire.ResponseEncoder;
import java.util.List;

/**
 * A response ready to be sent: its own bytes in one buffer, and the records that go between them,
 * still where they lie. Owned by whoever holds it, until it is written or discarded.
 */
final class EncodedResponse {

  private final ByteBuf head;
  private final List<ResponseEncoder.Insertion> insertions;

  private EncodedResponse(ByteBuf head, List<ResponseEncoder.Insertion> insertions) {
    this.head = head;
    this.insertions = insertions;
  }

  /** Encodes; what it throws leaves nothing allocated, and the payloads with the caller. */
  static EncodedResponse encode(ResponseEncoder encoder, ByteBufAllocator allocator) {
    int size = encoder.headBytes();
    var head = allocator.directBuffer(size, size);
    try {
      var insertions = encoder.encode(head.nioBuffer(0, size));
      head.writerIndex(size);
      return new EncodedResponse(head, insertions);
    } catch (RuntimeException e) {
      head.release();
      throw e;
    }
  }

  /** Writes without flushing; gives everything to the channel. */
  void write(ChannelHandlerContext context) {
    for (var insertion : insertions) {
      int before = insertion.position() - head.readerIndex();
      if (before > 0) {
        var _ = context.write(head.readRetainedSlice(before), context.voidPromise());
      }
      writePayload(context, insertion.payload());
    }
    if (head.isReadable()) {
      var _ = context.write(head, context.voidPromise());
    } else {
      head.release();
    }
  }

  /** Gives everything back unsent. */
  void discard() {
    head.release();
    insertions.forEach(insertion -> insertion.payload().close());
  }

  private static void writePayload(ChannelHandlerContext context, RecordPayload payload) {
    var parts = payload.bytes().parts();
    for (int i = 0; i < parts.size(); i++) {
      boolean last = i == parts.size() - 1;
      var written =
          context.write(message(parts.get(i)), last ? context.newPromise() : context.voidPromise());
      if (last) {
        // Writes leave in order, so the last part is the last to be done with, sent or not.
        written.addListener((ChannelFutureListener) _ -> payload.close());
      }
    }
    if (parts.isEmpty()) {
      payload.close();
    }
  }

  private static Object message(Part part) {
    return switch (part) {
      case MemoryPart memory -> Unpooled.wrappedBuffer(memory.bytes().duplicate());
      case FilePart file -> new SharedFileRegion(file);
    };
  }
}
