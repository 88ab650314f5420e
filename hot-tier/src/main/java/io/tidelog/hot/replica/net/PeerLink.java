package io.tidelog.hot.replica.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.tidelog.hot.replica.net.Handshake.Answer;
import io.tidelog.hot.replica.net.Handshake.Hello;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one other node. {@link #send} may be called by any thread; everything else belongs to
 * the event loop.
 *
 * <p>Promises: messages leave in the order of sending by any one thread, each at most once; what
 * waits is bounded in bytes; the end of a connection is told at once. It connects when there is
 * something to send, and leaves sending again what was lost to its callers.
 */
final class PeerLink {

  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
  private static final int MAX_DOUBLINGS = 20;

  private final ReplicaNetScope scope;
  private final int nodeId;
  private final Function<Integer, @Nullable HostPort> addresses;
  private final Connector connector;
  private final RandomGenerator random;

  /** Sent here and neither with the kernel nor dropped. */
  private final AtomicLong unsentBytes = new AtomicLong();

  private final AtomicBoolean isOverflowPosted = new AtomicBoolean();

  private State state = State.IDLE;
  private final ArrayDeque<OutgoingFrame> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private @Nullable HostPort address;
  private @Nullable OutgoingConnection connection;

  /** Of {@link #connection} once it may send. */
  private @Nullable ChannelHandlerContext context;

  /** Agreed on for {@link #connection}. */
  private int version;

  private int failures;
  private int attempts;
  private boolean isFlushPosted;

  private enum State {
    IDLE,
    CONNECTING,
    CONNECTED,
    BACKING_OFF,
    CLOSED
  }

  /** Opens connections. Called on the event loop, and answers there. */
  interface Connector {

    void connect(HostPort address, Answered answered);

    /** Hears how it went. */
    interface Answered {
      void onConnected(Channel channel);

      void onFailed(String reason);
    }
  }

  /**
   * @param addresses asked on the event loop; null when the node is unknown
   */
  PeerLink(
      ReplicaNetScope scope,
      int nodeId,
      Function<Integer, @Nullable HostPort> addresses,
      Connector connector,
      RandomGenerator random) {
    this.scope = scope;
    this.nodeId = nodeId;
    this.addresses = addresses;
    this.connector = connector;
    this.random = random;
  }

  /** Takes the frame. From any thread. */
  void send(OutgoingFrame frame) {
    long bytes = frame.sizeBytes();
    long before = unsentBytes.getAndAdd(bytes);
    if (before > 0 && before + bytes > scope.config().unsentBytes()) {
      drop(frame);
      if (isOverflowPosted.compareAndSet(false, true)) {
        post(this::onOverflow);
      }
    } else if (!post(() -> onFrame(frame))) {
      drop(frame);
    }
  }

  long unsentBytes() {
    return unsentBytes.get();
  }

  /** False when the transport was closed. */
  private boolean post(Runnable task) {
    try {
      scope.eventLoop().execute(task);
      return true;
    } catch (RejectedExecutionException _) {
      return false;
    }
  }

  private void drop(OutgoingFrame frame) {
    unsentBytes.addAndGet(-frame.sizeBytes());
    scope.counts().dropped().increment();
    frame.discard();
  }

  private void onFrame(OutgoingFrame frame) {
    switch (state) {
      case CONNECTED -> write(frame);
      case CONNECTING -> await(frame);
      case IDLE -> {
        await(frame);
        connect();
      }
      case BACKING_OFF, CLOSED -> drop(frame);
    }
  }

  private void await(OutgoingFrame frame) {
    if (waitingBytes + frame.sizeBytes() > scope.config().connecting().waitingBytes()) {
      drop(frame);
      return;
    }
    waitingBytes += frame.sizeBytes();
    waiting.add(frame);
  }

  private void write(OutgoingFrame frame) {
    var open = context;
    if (open == null) {
      throw new IllegalStateException("connected without a connection");
    }
    if (frame.version() > version) {
      drop(frame); // the other end would not know what it is
      return;
    }
    int bytes = frame.sizeBytes();
    frame.write(
        open,
        written -> {
          unsentBytes.addAndGet(-bytes);
          if (written.isSuccess()) {
            scope.counts().sentBytes().add(bytes);
          } else {
            scope.counts().dropped().increment();
          }
        });
    if (!isFlushPosted) {
      // At the end of this turn of the loop: what was posted together leaves together.
      isFlushPosted = true;
      post(this::flush);
    }
  }

  private void flush() {
    isFlushPosted = false;
    if (context != null) {
      context.flush();
    }
  }

  /** The other end takes too slowly what is sent: it must not hold this node's memory. */
  private void onOverflow() {
    isOverflowPosted.set(false);
    if (state == State.CONNECTED && unsentBytes.get() > 0) {
      LOG.warn(
          "replication connection closed, {} reason=\"{} bytes wait to be sent\"",
          who(),
          unsentBytes.get());
      closeConnection();
    }
  }

  private void connect() {
    address = addresses.apply(nodeId);
    state = State.CONNECTING;
    int attempt = ++attempts;
    if (address == null) {
      onNotConnected("its address is not known");
      return;
    }
    connector.connect(
        address,
        new Connector.Answered() {
          @Override
          public void onConnected(Channel channel) {
            if (attempt == attempts && state == State.CONNECTING) {
              greet(channel);
            } else {
              var _ = channel.close();
            }
          }

          @Override
          public void onFailed(String reason) {
            if (attempt == attempts && state == State.CONNECTING) {
              onNotConnected(reason);
            }
          }
        });
  }

  private void greet(Channel channel) {
    var self = scope.identity();
    var hello =
        new Hello(
            ReplicaFormat.LOWEST_VERSION,
            ReplicaFormat.VERSION,
            self.clusterId(),
            self.nodeId(),
            nodeId);
    var greeted = OutgoingConnection.install(this, channel, hello);
    connection = greeted;
    if (!greeted.isActive()) {
      onEnded(greeted, "the connection was closed");
      return;
    }
    var _ =
        scope
            .eventLoop()
            .schedule(
                () -> onHandshakeTimeout(greeted),
                scope.config().connecting().timeoutMs(),
                TimeUnit.MILLISECONDS);
  }

  private void onHandshakeTimeout(OutgoingConnection greeted) {
    if (greeted == connection && state == State.CONNECTING) {
      onBroken(greeted, "no answer to the handshake in time");
    }
  }

  void onAnswered(OutgoingConnection from, Answer answer) {
    if (from != connection || state != State.CONNECTING) {
      return;
    }
    if (answer.refusal().isPresent()) {
      onBroken(from, "it refuses this node: " + answer.refusal().get().reason());
      return;
    }
    if (answer.nodeId() != nodeId
        || answer.version() < ReplicaFormat.LOWEST_VERSION
        || answer.version() > ReplicaFormat.VERSION) {
      onBroken(from, "it answers as another: " + answer);
      return;
    }
    state = State.CONNECTED;
    version = answer.version();
    context = from.context();
    failures = 0;
    scope.counts().outgoing().incrementAndGet();
    scope.faults().onSuccess("node=" + nodeId);
    LOG.info("replication connection made, {}", who());
    waitingBytes = 0;
    while (!waiting.isEmpty()) {
      write(waiting.poll());
    }
  }

  /** The other end does not keep to the protocol, or does not want this node. */
  void onBroken(OutgoingConnection from, String reason) {
    if (from == connection) {
      onEnded(from, reason);
    }
    from.close();
  }

  void onEnded(OutgoingConnection ended, String reason) {
    if (ended != connection) {
      return;
    }
    boolean wasConnected = state == State.CONNECTED;
    connection = null;
    context = null;
    if (wasConnected) {
      LOG.info("replication connection ended, {} reason=\"{}\"", who(), reason);
      scope.counts().outgoing().decrementAndGet();
      backOff();
      scope.listeners().onDisconnected(nodeId);
    } else if (state == State.CONNECTING) {
      onNotConnected(reason);
    }
  }

  private void onNotConnected(String reason) {
    scope.faults().onFault("replication cannot connect", "node=" + nodeId, reason(reason));
    failures = Math.min(failures + 1, MAX_DOUBLINGS);
    dropWaiting();
    backOff();
  }

  private String reason(String reason) {
    return address == null ? reason : address + ": " + reason;
  }

  private void dropWaiting() {
    waitingBytes = 0;
    while (!waiting.isEmpty()) {
      drop(waiting.poll());
    }
  }

  private void backOff() {
    state = State.BACKING_OFF;
    int attempt = attempts;
    var limits = scope.config().connecting();
    long mostMs = Math.min(limits.maxBackoffMs(), limits.minBackoffMs() << failures);
    long delayMs = mostMs - (long) (mostMs * random.nextDouble() / 2);
    var _ =
        scope
            .eventLoop()
            .schedule(
                () -> {
                  if (attempt == attempts) {
                    endBackOff();
                  }
                },
                delayMs,
                TimeUnit.MILLISECONDS);
  }

  private void endBackOff() {
    if (state == State.BACKING_OFF) {
      state = State.IDLE;
    }
  }

  /** The node has just connected to this one, so it can be reached again. */
  void onAlive() {
    failures = 0;
    endBackOff();
  }

  private void closeConnection() {
    if (connection != null) {
      connection.close();
    }
  }

  void close() {
    var open = connection;
    if (open != null) {
      onBroken(open, "this node stops");
    }
    state = State.CLOSED;
    dropWaiting();
  }

  private String who() {
    return "node=" + nodeId + " address=" + address;
  }
}
