package io.tidelog.hot.replica.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.tidelog.hot.replica.ReplicaMessage.Append;
import io.tidelog.hot.replica.net.Handshake.Answer;
import io.tidelog.hot.replica.net.Handshake.Hello;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that another node made, on which it sends and this node only receives. Belongs to
 * its event loop: checks the handshake, cuts frames and posts them to who hears the log.
 */
final class IncomingConnection extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(IncomingConnection.class);
  private static final String HANDLER = "tidelog";

  /** Vert.x's own end of the pipeline, which sees no byte of ours. */
  private static final String VERTX_HANDLER = "handler";

  /** Fewer bytes are copied: a read for them alone costs more. */
  private static final int MIN_DIRECT_READ_BYTES = 16 << 10;

  private static final int UNKNOWN = -1;

  private final ReplicaNetScope scope;
  private final IncomingConnections connections;
  private final String address;
  private final FrameReader reader;
  private final GroupsReceiveAllocator allocator;

  /** Set when the connection enters its pipeline, before anything else is called. */
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext context;

  private final ByteBuffer hello = ByteBuffer.allocate(Handshake.HELLO_BYTES);
  private int nodeId = UNKNOWN;
  private boolean hasEnded;

  private IncomingConnection(
      ReplicaNetScope scope, IncomingConnections connections, Channel channel) {
    this.scope = scope;
    this.connections = connections;
    // Its port is another one each time.
    this.address =
        channel.remoteAddress() instanceof InetSocketAddress inet
            ? inet.getAddress().getHostAddress()
            : "unknown";
    this.reader = new FrameReader(scope.pool(), scope.listeners()::contains);
    this.allocator = new GroupsReceiveAllocator(() -> reader.room(MIN_DIRECT_READ_BYTES));
  }

  /** Takes over a channel that Vert.x accepted. */
  static void install(ReplicaNetScope scope, IncomingConnections connections, Channel channel) {
    var connection = new IncomingConnection(scope, connections, channel);
    if (!connections.add(connection)) {
      scope.faults().onFault("replication connection closed", connection.who(), "too many");
      var _ = channel.close();
      return;
    }
    channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, connection.allocator);
    channel.pipeline().addBefore(VERTX_HANDLER, HANDLER, connection);
    var _ =
        scope
            .eventLoop()
            .schedule(
                connection::endIfSilent,
                scope.config().connecting().timeoutMs(),
                TimeUnit.MILLISECONDS);
    if (!channel.isActive()) {
      connection.onEnded(); // gone before it could be told
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    var read = (ByteBuf) message;
    try {
      if (hasEnded) {
        return;
      }
      scope.counts().receivedBytes().add(read.readableBytes());
      if (allocator.isDirect(read)) {
        deliver(reader.onReceived(read.readableBytes()));
      } else {
        take(read.nioBuffer());
      }
    } catch (BadFrameException e) {
      refuse(String.valueOf(e.getMessage()));
    } finally {
      read.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("replication connection lost, {} cause={}", who(), cause.toString());
    } else {
      LOG.error("replication connection failed, {}", who(), cause);
    }
    var _ = context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    onEnded();
    context.fireChannelInactive();
  }

  /** Nothing of it is heard any more, from now on. */
  void end(String reason) {
    if (!hasEnded) {
      LOG.info("replication connection closed, {} reason=\"{}\"", who(), reason);
      onEnded();
      var _ = context.close();
    }
  }

  private void endIfSilent() {
    if (nodeId == UNKNOWN && !hasEnded) {
      refuse("no handshake in time");
    }
  }

  private void onEnded() {
    if (!hasEnded) {
      hasEnded = true;
      reader.close();
      connections.remove(nodeId, this);
    }
  }

  private void take(ByteBuffer in) throws BadFrameException {
    if (nodeId == UNKNOWN) {
      int bytes = Math.min(hello.remaining(), in.remaining());
      hello.put(in.slice(in.position(), bytes));
      in.position(in.position() + bytes);
      if (hello.hasRemaining()) {
        return;
      }
      onHello(Hello.decode(hello.flip()));
    }
    while (in.hasRemaining() && !hasEnded) {
      deliver(reader.next(in));
    }
  }

  private void onHello(Hello from) {
    var refusal = from.refusal(scope.identity());
    int version = refusal == null ? from.commonVersion() : ReplicaFormat.VERSION;
    var answer = new Answer(Optional.ofNullable(refusal), version, scope.identity().nodeId());
    var written = context.writeAndFlush(Unpooled.wrappedBuffer(answer.encode()));
    if (refusal != null) {
      scope
          .faults()
          .onFault(
              "replication connection refused",
              "node=" + from.from() + " address=" + address,
              refusal.reason() + ", " + from);
      onEnded();
      written.addListener(ChannelFutureListener.CLOSE);
      return;
    }
    nodeId = from.from();
    connections.onAccepted(nodeId, this);
    scope.faults().onSuccess(who());
    LOG.info("replication connection taken, {}", who());
  }

  private void deliver(@Nullable ReplicaFrame frame) {
    if (frame != null
        && !scope.listeners().onMessage(nodeId, frame)
        && frame.message() instanceof Append append) {
      scope.pool().giveBack(append.groups());
    }
  }

  private void refuse(String reason) {
    scope.faults().onFault("replication connection closed", who(), reason);
    onEnded();
    var _ = context.close();
  }

  private String who() {
    return "node=" + (nodeId == UNKNOWN ? "unknown" : nodeId) + " address=" + address;
  }
}
