package io.tidelog.hot.replica.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tidelog.hot.replica.net.Handshake.Answer;
import io.tidelog.hot.replica.net.Handshake.Hello;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to another node: says who is there, hears whether it may speak, and then only sends.
 * Belongs to its event loop.
 */
final class OutgoingConnection extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(OutgoingConnection.class);
  private static final String HANDLER = "tidelog";

  /** Vert.x's own end of the pipeline, which sees no byte of ours. */
  private static final String VERTX_HANDLER = "handler";

  private final PeerLink link;
  private final Channel channel;

  /** Set when the connection enters its pipeline, before anything else is called. */
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext context;

  private final ByteBuffer answer = ByteBuffer.allocate(Handshake.ANSWER_BYTES);

  private OutgoingConnection(PeerLink link, Channel channel) {
    this.link = link;
    this.channel = channel;
  }

  /** Takes over a channel that Vert.x connected, and says hello. */
  static OutgoingConnection install(PeerLink link, Channel channel, Hello hello) {
    var connection = new OutgoingConnection(link, channel);
    channel.pipeline().addBefore(VERTX_HANDLER, HANDLER, connection);
    var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(hello.encode()), channel.voidPromise());
    return connection;
  }

  boolean isActive() {
    return channel.isActive();
  }

  /** Where frames are written. */
  ChannelHandlerContext context() {
    return context;
  }

  /**
   * At once: closed from its other end, by Vert.x, a channel would first wait until all is written.
   * The rest follows in {@link #channelInactive}.
   */
  void close() {
    var _ = context.close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    var read = (ByteBuf) message;
    try {
      if (read.readableBytes() > answer.remaining()) {
        throw new BadFrameException("it sends more than an answer to the handshake");
      }
      answer.limit(answer.position() + read.readableBytes());
      read.readBytes(answer);
      answer.limit(answer.capacity());
      if (!answer.hasRemaining()) {
        link.onAnswered(this, Answer.decode(answer.duplicate().flip()));
      }
    } catch (BadFrameException e) {
      link.onBroken(this, String.valueOf(e.getMessage()));
    } finally {
      read.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("replication connection lost, cause={}", cause.toString());
    } else {
      LOG.error("replication connection failed", cause);
    }
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    link.onEnded(this, "the connection was closed");
    context.fireChannelInactive();
  }
}
