package io.tidelog.hot.replica.net;

import io.netty.channel.Channel;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaTransport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.transport.Transport;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries messages over TCP. A node sends on the connections it made itself and only receives on
 * those that others made: so everything from one node to another goes one way, in order, whoever
 * asked first. Two connections for two nodes that speak with each other are the price.
 *
 * <p>One event loop of its own parses and posts; lanes only post to it. It promises that the end of
 * a connection is told at once to the listener of every log, that what waits for a node is bounded,
 * and that the groups it takes are closed exactly once.
 */
public final class VertxReplicaTransport implements ReplicaTransport, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(VertxReplicaTransport.class);
  private static final long BLOCKED_LOOP_CHECK_MS = 5_000;

  private final Function<Integer, @Nullable HostPort> addresses;
  private final RandomGenerator random;
  private final Vertx vertx;
  private final ContextInternal context;
  private final ReplicaNetScope scope;
  private final IncomingConnections incoming;
  private final NetClient client;

  /** To each node that was ever spoken to. */
  private final CopiedMap<Integer, PeerLink> links = new CopiedMap<>();

  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param addresses where a node takes connections, null when that is not known; asked on the
   *     event loop, must not block
   * @param random for the time between attempts to connect; used on the event loop only
   */
  public VertxReplicaTransport(
      ReplicaIdentity identity,
      ReplicaNetConfig config,
      Function<Integer, @Nullable HostPort> addresses,
      RandomGenerator random) {
    this.addresses = addresses;
    this.random = random;
    this.vertx = buildVertx();
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.scope =
        new ReplicaNetScope(
            identity,
            config,
            context.nettyEventLoop(),
            new Listeners(),
            new GroupsPool(config.receivePoolBytes()),
            new ConnectionFaultLog(),
            new ReplicaNetScope.Counts());
    this.incoming = new IncomingConnections(scope, this::onAlive);
    this.client = vertx.createNetClient(clientOptions(config));
  }

  /**
   * Takes connections from now on.
   *
   * @return the port; fails with {@link Fault.Retriable} when it cannot be bound. Completes on the
   *     event loop.
   */
  public CompletionStage<Integer> start() {
    Promise<NetServer> listening = Promise.promise();
    var at = scope.config().listen();
    context.runOnContext(
        _ ->
            vertx
                .createNetServer(serverOptions())
                .connectHandler(this::accept)
                .listen(at.port(), at.host())
                .onComplete(listening));
    return listening
        .future()
        .map(NetServer::actualPort)
        .onSuccess(port -> LOG.info("replication listening, host={} port={}", at.host(), port))
        .recover(
            cause ->
                Future.failedFuture(
                    new Fault.Retriable(
                        "cannot listen for replication on " + at + " (" + cause.getMessage() + ")",
                        cause)))
        .toCompletionStage();
  }

  @Override
  public void send(LogId log, int nodeId, ReplicaMessage message) {
    if (nodeId == scope.identity().nodeId()) {
      // Leaders of two logs may be on one node.
      scope.listeners().onMessage(nodeId, new ReplicaFrame(log, message));
      return;
    }
    var frame = OutgoingFrame.of(log, message);
    link(nodeId, frame).send(frame);
  }

  @Override
  public void send(LogId log, int nodeId, ReplicaMessage.Append append, RecordBytes groups) {
    var frame = OutgoingFrame.of(log, append, groups);
    link(nodeId, frame).send(frame);
  }

  @Override
  public void giveBack(ByteBuffer groups) {
    scope.pool().giveBack(groups);
  }

  @Override
  public void listen(LogId log, Listener listener) {
    scope.listeners().put(log, listener);
  }

  @Override
  public void forget(LogId log) {
    scope.listeners().remove(log);
  }

  /** From any thread. */
  public ReplicaNetStats stats() {
    var counts = scope.counts();
    return new ReplicaNetStats(
        counts.incoming().get(),
        counts.outgoing().get(),
        counts.sentBytes().sum(),
        counts.receivedBytes().sum(),
        counts.dropped().sum(),
        links.values().stream().mapToLong(PeerLink::unsentBytes).sum());
  }

  /**
   * Ends all connections; what waits is dropped. Blocks; not to be called on an event loop. May be
   * called twice.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Promise<Void> ended = Promise.promise();
    context.runOnContext(
        _ -> {
          links.values().forEach(PeerLink::close);
          incoming.closeAll();
          ended.complete();
        });
    ended.future().compose(_ -> vertx.close()).toCompletionStage().toCompletableFuture().join();
  }

  /**
   * @param frame discarded when there is no way
   */
  private PeerLink link(int nodeId, OutgoingFrame frame) {
    var known = links.get(nodeId);
    if (known != null) {
      return known;
    }
    if (nodeId == scope.identity().nodeId()) {
      frame.discard();
      throw new IllegalArgumentException("a node sends nothing to itself");
    }
    return links.putIfAbsent(nodeId, new PeerLink(scope, nodeId, addresses, this::connect, random));
  }

  private void connect(HostPort address, PeerLink.Connector.Answered answered) {
    context.runOnContext(
        _ ->
            client
                .connect(address.port(), address.host())
                .onComplete(
                    socket -> answered.onConnected(channel(socket)),
                    cause -> answered.onFailed(cause.toString())));
  }

  private void accept(NetSocket socket) {
    if (closed.get()) {
      var _ = channel(socket).close();
    } else {
      IncomingConnection.install(scope, incoming, channel(socket));
    }
  }

  private void onAlive(int nodeId) {
    var link = links.get(nodeId);
    if (link != null) {
      link.onAlive();
    }
  }

  private static Channel channel(NetSocket socket) {
    return ((NetSocketInternal) socket).channelHandlerContext().channel();
  }

  private NetServerOptions serverOptions() {
    return new NetServerOptions()
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setTcpUserTimeout(scope.config().stallMs())
        .setReuseAddress(true);
  }

  private static NetClientOptions clientOptions(ReplicaNetConfig config) {
    return new NetClientOptions()
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setTcpUserTimeout(config.stallMs())
        .setConnectTimeout(config.connecting().timeoutMs())
        .setReconnectAttempts(0);
  }

  private static Vertx buildVertx() {
    var options =
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setBlockedThreadCheckInterval(BLOCKED_LOOP_CHECK_MS)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false));
    var transport = Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO;
    return Vertx.builder().with(options).withTransport(transport).build();
  }
}
