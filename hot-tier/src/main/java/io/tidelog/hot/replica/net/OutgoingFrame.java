package io.tidelog.hot.replica.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.Append;

/**
 * A message to be sent, with the groups of an append where they lie. Whoever holds it writes or
 * discards it, once.
 *
 * <p>What lies in a file is sent from its mapping like memory: whoever read it has just checked it
 * there, and sendfile took a third more CPU (decision 15).
 */
final class OutgoingFrame {

  private final LogId log;
  private final ReplicaMessage message;
  private final RecordBytes groups;
  private final int headBytes;

  private OutgoingFrame(LogId log, ReplicaMessage message, RecordBytes groups, int headBytes) {
    this.log = log;
    this.message = message;
    this.groups = groups;
    this.headBytes = headBytes;
  }

  /**
   * @param message taken with its buffers
   * @throws IllegalArgumentException when it is larger than a receiver takes
   */
  static OutgoingFrame of(LogId log, ReplicaMessage message) {
    return new OutgoingFrame(log, message, RecordBytes.EMPTY, ReplicaCodec.sizeBytes(message));
  }

  /**
   * @param groups taken, whatever happens
   * @throws IllegalArgumentException when there are more than a receiver takes, or {@code append}
   *     has some of its own
   */
  static OutgoingFrame of(LogId log, Append append, RecordBytes groups) {
    try {
      if (append.groups().hasRemaining()) {
        throw new IllegalArgumentException("an append has its groups in one place");
      }
      ReplicaCodec.checkedGroups(groups.sizeBytes());
    } catch (IllegalArgumentException e) {
      groups.close();
      throw e;
    }
    return new OutgoingFrame(log, append, groups, ReplicaFormat.APPEND_HEAD_BYTES);
  }

  /** The version of the protocol that knows it. */
  int version() {
    return ReplicaCodec.type(message).since();
  }

  int sizeBytes() {
    return headBytes + groups.sizeBytes();
  }

  /**
   * Writes without flushing; gives everything to the channel.
   *
   * @param done told when it was sent, or will never be
   */
  void write(ChannelHandlerContext context, ChannelFutureListener done) {
    var head = context.alloc().directBuffer(headBytes, headBytes);
    var out = head.nioBuffer(0, headBytes);
    if (message instanceof Append append && groups.sizeBytes() > 0) {
      ReplicaCodec.encodeAppendHead(log, append, groups.sizeBytes(), out);
    } else {
      ReplicaCodec.encode(log, message, out);
    }
    head.writerIndex(headBytes);
    // Writes leave in order, so the last one is the last to be done with, sent or not.
    ByteBuf last = head;
    for (var part : groups.parts()) {
      if (part.sizeBytes() > 0) {
        var _ = context.write(last, context.voidPromise());
        last = Unpooled.wrappedBuffer(part.bytes().duplicate());
      }
    }
    context
        .write(last)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  groups.close();
                  done.operationComplete(written);
                });
  }

  /** Gives everything back unsent. */
  void discard() {
    groups.close();
  }
}
