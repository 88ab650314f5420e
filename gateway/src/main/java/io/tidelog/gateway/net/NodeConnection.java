package io.tidelog.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tidelog.gateway.wire.ForwardCounters;
import io.tidelog.gateway.wire.NodePipe;
import io.tidelog.gateway.wire.OutgoingRequest;
import io.tidelog.gateway.wire.PipeAnswer;
import io.tidelog.gateway.wire.PipeReceiver;
import io.tidelog.gateway.wire.PipeTarget;
import io.tidelog.gateway.wire.RequestEncoder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to another node for one client, on the event loop of that client's connection, which
 * owns it. What is to be sent waits until it is there.
 *
 * <p>Answers are received into memory that all such connections share; over its limit a connection
 * is not read, so that the other node's kernel slows it down.
 */
final class NodeConnection extends ChannelInboundHandlerAdapter implements NodePipe {

  private static final Logger LOG = LoggerFactory.getLogger(NodeConnection.class);
  private static final String HANDLER = "tidelog";
  private static final String VERTX_HANDLER = "handler";

  private final ConnectionLoop loop;
  private final PipeTarget target;
  private final RequestMemory memory;
  private final ForwardCounters counters;
  private final Runnable flush = this::flush;

  /** Sent and not answered. */
  private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();

  /** Wait for the connection. */
  private final ArrayDeque<Sent> unsent = new ArrayDeque<>();

  /** Read but not split yet, because there is no memory for an answer. */
  private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable FrameSplitter splitter;
  private int nextCorrelationId;
  private boolean flushPlanned;
  private boolean inLineForMemory;
  private boolean splitting;
  private boolean closed;

  private record Sent(
      OutgoingRequest request, int correlationId, PipeReceiver receiver, long askedNs) {}

  NodeConnection(ConnectionLoop loop, PipeTarget target) {
    this.loop = loop;
    this.target = target;
    this.memory = loop.scope().answers();
    this.counters = loop.scope().forwards();
  }

  /** The connection is there. */
  void onConnected(Channel channel) {
    if (closed) {
      var _ = channel.close();
      return;
    }
    int maxBytes = (int) Math.min(memory.limitBytes(), Integer.MAX_VALUE);
    var made =
        new FrameSplitter(
            channel.alloc(),
            new FrameSplitter.Limits(maxBytes, maxBytes, maxBytes),
            memory::tryReserve,
            _ -> false);
    made.onProven();
    splitter = made;
    channel.pipeline().addBefore(VERTX_HANDLER, HANDLER, this);
    unsent.forEach(this::write);
    unanswered.addAll(unsent);
    unsent.clear();
    flush();
  }

  /** There will be no connection. */
  void onFailed(String reason) {
    if (!closed) {
      LOG.info("node not reached, node={} at={} cause={}", target.nodeId(), target, reason);
      close();
    }
  }

  @Override
  public void send(OutgoingRequest request, PipeReceiver receiver) {
    var sent = new Sent(request, nextCorrelationId++, receiver, loop.scope().clock().monotonicNs());
    counters.onRequest(request.api());
    if (closed) {
      request.onSent().run();
      counters.onLost(request.api());
      receiver.onLost(true);
    } else if (context == null) {
      unsent.add(sent);
    } else {
      write(sent);
      unanswered.add(sent);
      planFlush();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    unread.forEach(ByteBuf::release);
    unread.clear();
    if (splitter != null) {
      memory.release(splitter.reservedBytes());
      splitter.close();
    }
    if (context != null) {
      var _ = context.close();
    }
    var lost = List.copyOf(unanswered);
    var kept = List.copyOf(unsent);
    unanswered.clear();
    unsent.clear();
    kept.forEach(sent -> sent.request.onSent().run());
    lost.forEach(sent -> counters.onLost(sent.request.api()));
    kept.forEach(sent -> counters.onLost(sent.request.api()));
    lost.forEach(sent -> sent.receiver.onLost(false));
    kept.forEach(sent -> sent.receiver.onLost(true));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    var chunk = (ByteBuf) message;
    if (closed) {
      chunk.release();
      return;
    }
    unread.add(chunk);
    split();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    close();
    from.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.info("connection to a node lost, node={} cause={}", target.nodeId(), cause.toString());
    } else {
      LOG.error("connection to a node failed, node={}", target.nodeId(), cause);
    }
    close();
  }

  private void write(Sent sent) {
    var to = context;
    if (to == null) {
      throw new IllegalStateException("written before it was connected");
    }
    var encoder = new RequestEncoder(sent.request, sent.correlationId);
    int size = encoder.headBytes();
    counters.onSent(sent.request.api(), encoder.sizeBytes());
    var head = to.alloc().directBuffer(size, size);
    var insertions = encoder.encode(head.nioBuffer(0, size));
    head.writerIndex(size);
    for (int i = 0; i < insertions.size(); i++) {
      var insertion = insertions.get(i);
      int before = insertion.position() - head.readerIndex();
      if (before > 0) {
        var _ = to.write(head.readRetainedSlice(before), to.voidPromise());
      }
      boolean last = i == insertions.size() - 1;
      var records = Unpooled.wrappedBuffer(insertion.bytes());
      var written = to.write(records, last ? to.newPromise() : to.voidPromise());
      if (last) {
        // Writes leave in order, so the last of them is the last to be done with, sent or not.
        written.addListener((ChannelFutureListener) _ -> sent.request.onSent().run());
      }
    }
    if (head.isReadable()) {
      var _ = to.write(head, to.voidPromise());
    } else {
      head.release();
    }
    if (insertions.isEmpty()) {
      sent.request.onSent().run();
    }
  }

  private void planFlush() {
    if (!flushPlanned) {
      flushPlanned = true;
      loop.flushLater(flush);
    }
  }

  private void flush() {
    flushPlanned = false;
    if (context != null && !closed) {
      context.flush();
    }
  }

  /** Cuts what was read into answers for as long as there is memory for them. */
  private void split() {
    if (splitting) {
      return;
    }
    splitting = true;
    try {
      boolean more = true;
      while (more && !closed) {
        more = splitOne();
      }
    } finally {
      splitting = false;
    }
    if (!closed && context != null) {
      context.channel().config().setAutoRead(!inLineForMemory);
    }
  }

  /** False when nothing more can be split now. */
  private boolean splitOne() {
    var from = splitter;
    if (from == null) {
      return false;
    }
    var chunk = unread.peek();
    if (chunk == null && !from.awaitsMemory()) {
      return false;
    }
    var outcome = from.next(chunk == null ? Unpooled.EMPTY_BUFFER : chunk);
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
        LOG.error("a node answers what cannot be taken, node={} cause={}", target.nodeId(), reason);
        close();
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
    memory.awaitRelease(
        () ->
            loop.lane()
                .execute(
                    () -> {
                      inLineForMemory = false;
                      split();
                    }));
    return true;
  }

  private void onFrame(ByteBuf bytes) {
    var held = new HeldFrame(bytes);
    try {
      var frame = bytes.nioBuffer();
      var sent = unanswered.peek();
      if (sent == null || PipeAnswer.correlationId(frame) != sent.correlationId) {
        throw new IllegalStateException("an answer to no request of ours");
      }
      var answer = PipeAnswer.read(sent.request, frame, held::keep);
      unanswered.remove();
      long tookNs = loop.scope().clock().monotonicNs() - sent.askedNs;
      counters.onAnswer(sent.request.api(), held.sizeBytes, tookNs);
      sent.receiver.onAnswer(answer);
    } catch (RuntimeException e) { // the bytes have to go back, whatever was in them
      LOG.error("an answer could not be taken, node={}", target.nodeId(), e);
      close();
    } finally {
      held.letGo();
    }
  }

  /** A received frame, for as long as somebody holds it. */
  private final class HeldFrame {

    private final ByteBuf frame;
    private final int sizeBytes;
    private int holds = 1;

    private HeldFrame(ByteBuf frame) {
      this.frame = frame;
      this.sizeBytes = frame.readableBytes();
    }

    private Runnable keep() {
      holds++;
      return this::letGo;
    }

    private void letGo() {
      holds--;
      if (holds == 0) {
        frame.release();
        memory.release(sizeBytes);
      } else if (holds < 0) {
        throw new IllegalStateException("an answer's memory was given back twice");
      }
    }
  }
}
