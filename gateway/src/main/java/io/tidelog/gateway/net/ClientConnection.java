package io.tidelog.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.tidelog.core.Lane;
import io.tidelog.gateway.net.ConnectionState.Closed;
import io.tidelog.gateway.net.ConnectionState.Draining;
import io.tidelog.gateway.net.ConnectionState.Ending;
import io.tidelog.gateway.net.ConnectionState.Serving;
import io.tidelog.gateway.net.ConnectionState.Unproven;
import io.tidelog.gateway.wire.ClientPeer;
import io.tidelog.gateway.wire.ClientSession;
import io.tidelog.gateway.wire.FrameUse;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: turns what arrives into requests, hands them to their handlers and
 * writes the answers in order. Owned by its event loop.
 *
 * <p>It promises bounded memory: over its limits it stops reading its socket, so that the client is
 * slowed down by its own kernel. What a request means is left to its handler.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

  private static final String HANDLER = "tidelog";

  /** In so many windows a request must arrive while others wait for memory. */
  private static final int MAX_WINDOWS_WHEN_SHORT = 6;

  /** Vert.x's own end of the pipeline, which sees no byte of ours. */
  private static final String VERTX_HANDLER = "handler";

  private final ConnectionLoop loop;
  private final ConnectionScope scope;
  private final ClientPeer peer;
  private final ClientSession session;
  private final FrameSplitter splitter;
  private final ResponseOrderer orderer = new ResponseOrderer(this::write);
  private final Runnable flush = this::flush;

  /** Set when the connection enters its pipeline, before anything else is called. */
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext context;

  private ConnectionState state;

  /** Read but not split yet, because a limit was reached. */
  private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();

  private final Set<FrameSlot> unanswered = new LinkedHashSet<>();
  private int inFlightBytes;
  private boolean advancing;
  private boolean inLineForMemory;

  /** Between a read and its completion, which flushes. */
  private boolean inRead;

  private boolean unflushed;

  private long lastTrafficNs;
  private long outboundBytes;
  private long outboundProgressNs;
  private long windowStartNs;
  private long windowStartBytes;

  private ClientConnection(ConnectionLoop loop, ClientPeer peer, ByteBufAllocator allocator) {
    this.loop = loop;
    this.scope = loop.scope();
    this.peer = peer;
    this.session = new ClientSession(scope.decoder(), peer, loop);
    var limits = scope.config().request();
    this.splitter =
        new FrameSplitter(
            allocator,
            new FrameSplitter.Limits(limits.maxBytes(), limits.otherBytes(), limits.firstBytes()),
            scope.memory()::tryReserve,
            scope.decoder()::startsProduce);
    long nowNs = scope.clock().monotonicNs();
    this.lastTrafficNs = nowNs;
    this.windowStartNs = nowNs;
    this.outboundProgressNs = nowNs;
    this.state = new Unproven(nowNs + ns(scope.config().connection().firstRequestTimeoutMs()));
  }

  /** Takes over a channel that Vert.x accepted; closes it when the gateway is stopping. */
  static void install(ConnectionLoop loop, ClientPeer peer, Channel channel) {
    var connection = new ClientConnection(loop, peer, channel.alloc());
    channel.pipeline().addBefore(VERTX_HANDLER, HANDLER, connection);
    if (!loop.add(connection)) {
      var _ = channel.close();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var chunk = (ByteBuf) message;
    long nowNs = scope.clock().monotonicNs();
    loop.onTurn(nowNs);
    if (!takesRequests()) {
      chunk.release();
      return;
    }
    lastTrafficNs = nowNs;
    inRead = true;
    unread.add(chunk);
    advance();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    inRead = false;
    flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    lastTrafficNs = scope.clock().monotonicNs();
    advance();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      onInputEnded();
    } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection lost, client={} cause={}", peer.address(), cause.toString());
    } else {
      LOG.error("connection failed, client={}", peer.address(), cause);
    }
    closeChannel();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onClosed();
    context.fireChannelInactive();
  }

  /** Serves what was received, but holds nothing back for a client that has perhaps gone. */
  private void onInputEnded() {
    if (takesRequests()) {
      state = new Ending(scope.clock().monotonicNs() + ns(scope.config().connection().drainMs()));
      context.channel().config().setAutoRead(false);
      List.copyOf(unanswered).forEach(FrameSlot::onConnectionClosed);
      advance();
      closeIfDrained();
    }
  }

  /** Closes after what is in flight is answered; logs the reason. */
  void refuse(String reason) {
    if (takesRequests()) {
      scope.counts().closedForCause().increment();
      loop.closedLog().onClosed(peer.address(), reason);
      drain();
    }
  }

  /** Reads nothing more and closes after what is in flight is answered. */
  void drain() {
    if (!takesRequests()) {
      return;
    }
    long drainNs = ns(scope.config().connection().drainMs());
    state = new Draining(scope.clock().monotonicNs() + drainNs);
    dropInput();
    context.channel().config().setAutoRead(false);
    closeIfDrained();
  }

  /** Called now and then: closes when a deadline has passed. */
  void closeIfOverdue(long nowNs) {
    switch (state) {
      case Unproven(long deadlineNs) when nowNs >= deadlineNs ->
          closeNow("no valid request in time");
      case Unproven _ -> closeIfSlow(nowNs);
      case Serving _ -> {
        closeIfSlow(nowNs);
        closeIfIdle(nowNs);
      }
      case Ending(long deadlineNs) when nowNs >= deadlineNs -> closeChannel();
      case Draining(long deadlineNs) when nowNs >= deadlineNs -> closeChannel();
      case Ending _, Draining _, Closed _ -> {}
    }
  }

  /** Closes with a line for the operator. */
  void closeNow(String reason) {
    scope.counts().closedForCause().increment();
    loop.closedLog().onClosed(peer.address(), reason);
    closeChannel();
  }

  /** Closes without reading what is there. */
  void abandon() {
    scope.counts().closedForCause().increment();
    closeChannel();
    onClosed();
  }

  void flush() {
    if (unflushed) {
      unflushed = false;
      context.flush();
    }
  }

  /** A frame got its answer, or none. */
  void onAnswered(FrameSlot slot, ResponseOrderer.Place place, @Nullable EncodedResponse response) {
    unanswered.remove(slot);
    if (isOpen()) {
      orderer.answer(place, response);
      advance();
      closeIfDrained();
    } else if (response != null) {
      response.discard();
    }
  }

  /** Nobody needs a frame of so many bytes any more; its answer was given before. */
  void onMemoryGivenBack(int sizeBytes) {
    inFlightBytes -= sizeBytes;
    scope.memory().release(sizeBytes);
    advance();
    closeIfDrained();
  }

  /**
   * Bytes of answers that the client has not taken.
   *
   * @param nowNs for {@link #outboundStalledNs}
   */
  long measureOutbound(long nowNs) {
    var buffer = context.channel().unsafe().outboundBuffer();
    long bytes = buffer == null ? 0 : buffer.totalPendingWriteBytes();
    if (bytes < outboundBytes || bytes == 0) {
      outboundProgressNs = nowNs;
    }
    outboundBytes = bytes;
    return bytes;
  }

  long outboundBytes() {
    return outboundBytes;
  }

  /** For how long the client has taken none of its answers, as last measured. */
  long outboundStalledNs(long nowNs) {
    return nowNs - outboundProgressNs;
  }

  /** Whether the client sends nothing more. */
  boolean isEnding() {
    return state instanceof Ending;
  }

  boolean isOpen() {
    return !(state instanceof Closed);
  }

  boolean inEventLoop() {
    return loop.inEventLoop();
  }

  Lane lane() {
    return loop.lane();
  }

  ByteBufAllocator allocator() {
    return context.alloc();
  }

  /** Splits and dispatches while the limits allow, then reads on or stops reading. */
  private void advance() {
    if (advancing || !takesRequests()) {
      return;
    }
    advancing = true;
    try {
      boolean more = true;
      while (more && takesRequests() && withinLimits()) {
        more = splitOne();
      }
    } finally {
      advancing = false;
    }
    if (takesRequests() && !isEnding()) {
      read(withinLimits() && !splitter.awaitsMemory());
    }
  }

  /** False when nothing more can be split now. */
  private boolean splitOne() {
    var chunk = unread.peek();
    if (chunk == null && !splitter.awaitsMemory()) {
      return false;
    }
    var outcome = splitter.next(chunk == null ? Unpooled.EMPTY_BUFFER : chunk);
    if (chunk != null && !chunk.isReadable()) {
      unread.poll();
      chunk.release();
    }
    return switch (outcome) {
      case FrameSplitter.Outcome.Frame(ByteBuf bytes) -> {
        onFrame(bytes);
        yield true;
      }
      case FrameSplitter.Outcome.NeedsMore _ -> true;
      case FrameSplitter.Outcome.NeedsMemory _ -> awaitMemory();
      case FrameSplitter.Outcome.Refused(String reason) -> {
        refuse(reason);
        yield false;
      }
    };
  }

  /** True when it is worth to try once more, because room may have come before we got in line. */
  private boolean awaitMemory() {
    if (inLineForMemory) {
      return false;
    }
    inLineForMemory = true;
    scope.memory().awaitRelease(() -> lane().execute(this::onMemoryReleased));
    return true;
  }

  private void onMemoryReleased() {
    inLineForMemory = false;
    advance();
  }

  private void onFrame(ByteBuf received) {
    restartWindow(lastTrafficNs);
    var use =
        FrameUse.of(
            received.readableBytes() < Short.BYTES
                ? -1
                : received.getShort(received.readerIndex()));
    var frame = received;
    if (use == FrameUse.LASTING_VIEWS) {
      // A view would keep the whole read buffer from being used again for as long as it lasts.
      frame = Unpooled.copiedBuffer(received);
      received.release();
    }
    var slot = new FrameSlot(this, orderer.take(), frame, lastTrafficNs);
    unanswered.add(slot);
    inFlightBytes += slot.sizeBytes();
    var unacceptable = session.dispatch(frame.nioBuffer(), slot);
    if (unacceptable != null) {
      slot.disconnect(unacceptable);
      return;
    }
    if (use == FrameUse.NONE) {
      slot.releaseFrame();
    }
    scope.counts().requests().increment();
    splitter.onProven();
    if (state instanceof Unproven) {
      state = new Serving();
    }
  }

  private void write(EncodedResponse response) {
    response.write(context);
    lastTrafficNs = scope.clock().monotonicNs();
    if (!unflushed) {
      unflushed = true;
      if (!inRead) {
        loop.flushLater(flush);
      }
    }
  }

  private boolean takesRequests() {
    return state instanceof Unproven || state instanceof Serving || state instanceof Ending;
  }

  private boolean withinLimits() {
    var limits = scope.config().request();
    return orderer.size() < limits.inFlightRequests()
        && inFlightBytes < limits.inFlightBytes()
        && context.channel().isWritable();
  }

  private void read(boolean on) {
    var config = context.channel().config();
    if (config.isAutoRead() != on) {
      restartWindow(scope.clock().monotonicNs());
      config.setAutoRead(on);
    }
  }

  private void closeIfDrained() {
    boolean last = state instanceof Draining || (isEnding() && unread.isEmpty());
    if (last && orderer.size() == 0) {
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void closeIfSlow(long nowNs) {
    var limits = scope.config().request();
    if (!splitter.inFrame() || !context.channel().config().isAutoRead()) {
      return;
    }
    if (nowNs - windowStartNs < ns(limits.progressWindowMs())) {
      return;
    }
    long arrived = splitter.bytesTaken() - windowStartBytes;
    // While others wait for the memory that a large request has reserved, it must hurry.
    long wanted =
        scope.memory().isShort()
            ? Math.max(limits.progressBytes(), splitter.frameBytes() / MAX_WINDOWS_WHEN_SHORT)
            : limits.progressBytes();
    if (arrived < wanted) {
      closeNow("request arrives too slowly: " + arrived + " bytes in a window");
    } else {
      restartWindow(nowNs);
    }
  }

  private void closeIfIdle(long nowNs) {
    boolean idle = nowNs - lastTrafficNs >= ns(scope.config().connection().maxIdleMs());
    if (idle && unanswered.isEmpty()) {
      LOG.debug("idle connection closed, client={}", peer.address());
      closeChannel();
    }
  }

  /** The rest follows in {@link #channelInactive}. */
  private void closeChannel() {
    var _ = context.close();
  }

  private void restartWindow(long nowNs) {
    windowStartNs = nowNs;
    windowStartBytes = splitter.bytesTaken();
  }

  private void dropInput() {
    unread.forEach(ByteBuf::release);
    unread.clear();
    scope.memory().release(splitter.reservedBytes());
    splitter.close();
  }

  private void onClosed() {
    if (state instanceof Closed) {
      return;
    }
    state = new Closed();
    dropInput();
    orderer.discardAll();
    loop.remove(this);
    scope.limiter().leave(peer.address().getAddress());
    for (var slot : List.copyOf(unanswered)) {
      slot.onConnectionClosed();
    }
    session.close();
  }

  private static long ns(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }
}
