package io.tidelog.gateway.net;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.wire.ClientPeer;
import io.tidelog.gateway.wire.ForwardCounters;
import io.tidelog.gateway.wire.ForwardStats;
import io.tidelog.gateway.wire.RequestDecoder;
import io.tidelog.gateway.wire.RequestLimits;
import io.tidelog.gateway.wire.RequestRouter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's door: binds the listeners and gives each accepted connection to an event loop.
 * Starts and closes once; what goes on inside a connection is left to {@link ClientConnection}.
 */
public final class ClientListener implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ClientListener.class);
  private static final String LOCALHOST = "localhost";
  private static final long DRAIN_POLL_MS = 20;
  private static final long BLOCKED_LOOP_CHECK_MS = 5_000;

  private final GatewayConfig config;
  private final AdvertisedAddresses advertised;
  private final ConnectionScope scope;
  private final AtomicLong connectionIds = new AtomicLong();
  private final Vertx vertx;
  private final List<Loop> loops = new ArrayList<>();
  private volatile boolean closed;

  /** An event loop as Vert.x knows it, and the connections on it. */
  private record Loop(ContextInternal context, ConnectionLoop connections) {}

  /** One socket to be bound, on every loop. */
  private record Binding(ListenerAddress listener, String host) {}

  public ClientListener(
      GatewayConfig config, AdvertisedAddresses advertised, RequestRouter router, Clock clock) {
    this.config = config;
    this.advertised = advertised;
    this.scope =
        new ConnectionScope(
            config,
            clock,
            new RequestDecoder(router, RequestLimits.DEFAULT),
            new RequestMemory(config.request().queuedBytes()),
            new RequestMemory(config.forward().answersMaxBytes()),
            new ConnectionLimiter(config.connection()),
            new ConnectionScope.Counts(),
            new ForwardCounters());
    this.vertx = buildVertx(config.socket().networkThreads());
    var internal = (VertxInternal) vertx;
    var client = vertx.createNetClient(clientOptions());
    for (int i = 0; i < config.socket().networkThreads(); i++) {
      var context = internal.createEventLoopContext();
      loops.add(
          new Loop(
              context,
              new ConnectionLoop(context.nettyEventLoop(), scope, connector(client, context))));
    }
  }

  /**
   * Binds every listener.
   *
   * @return the listeners with the ports they got; fails with {@link Fault.Retriable} when one
   *     cannot be bound. Completes on an event loop.
   */
  public CompletionStage<List<ListenerAddress>> start() {
    Future<List<ListenerAddress>> all = Future.succeededFuture(List.of());
    for (var listener : config.listeners()) {
      all =
          all.compose(
              before ->
                  bind(listener)
                      .map(
                          bound -> {
                            var more = new ArrayList<>(before);
                            more.add(bound);
                            return List.copyOf(more);
                          }));
    }
    return all.onSuccess(advertised::onBound).toCompletionStage();
  }

  /** From any thread. */
  public GatewayStats stats() {
    var counts = scope.counts();
    return new GatewayStats(
        openConnections(),
        counts.accepted().sum(),
        counts.refused().sum(),
        counts.closedForCause().sum(),
        counts.requests().sum(),
        requestBytes());
  }

  /** What clients' requests made this node ask of others, of every API; from any thread. */
  public List<ForwardStats> forwards() {
    return scope.forwards().stats();
  }

  /** Connections open now; from any thread. */
  public int openConnections() {
    return scope.limiter().open();
  }

  /** Bytes of the requests now in memory; from any thread. */
  public long requestBytes() {
    return scope.memory().usedBytes();
  }

  /**
   * Takes no more requests, waits for the answers to those in flight for {@code
   * tidelog.connection.drain.ms} at most, then closes everything. Blocks; not to be called on an
   * event loop.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Promise<Void> drained = Promise.promise();
    for (var loop : loops) {
      loop.context().runOnContext(_ -> loop.connections().drain());
    }
    long deadlineNs =
        scope.clock().monotonicNs() + TimeUnit.MILLISECONDS.toNanos(config.connection().drainMs());
    awaitDrained(deadlineNs, drained);
    drained.future().compose(_ -> vertx.close()).toCompletionStage().toCompletableFuture().join();
  }

  /** With a timer for each look: one that repeats may fire before it can be cancelled. */
  private void awaitDrained(long deadlineNs, Promise<Void> drained) {
    if (openConnections() == 0 || scope.clock().monotonicNs() >= deadlineNs) {
      drained.complete();
    } else {
      vertx.setTimer(DRAIN_POLL_MS, _ -> awaitDrained(deadlineNs, drained));
    }
  }

  private Future<ListenerAddress> bind(ListenerAddress listener) {
    var hosts = hosts(listener.host());
    Future<ListenerAddress> bound =
        listener.port() == 0
            ? vertx.executeBlocking(() -> listener.withPort(freePort(hosts.getFirst())))
            : Future.succeededFuture(listener);
    for (var host : hosts) {
      bound = bound.compose(at -> bindOnEveryLoop(new Binding(at, host)));
    }
    return bound;
  }

  /** The loops share one socket; Vert.x deals the connections out in turn. */
  private Future<ListenerAddress> bindOnEveryLoop(Binding binding) {
    Future<ListenerAddress> bound = Future.succeededFuture(binding.listener());
    for (var loop : loops) {
      bound = bound.compose(at -> bindOn(loop, new Binding(at, binding.host())));
    }
    return bound.onSuccess(
        at -> LOG.info("listening, name={} host={} port={}", at.name(), binding.host(), at.port()));
  }

  private Future<ListenerAddress> bindOn(Loop loop, Binding binding) {
    Promise<NetServer> listening = Promise.promise();
    var listener = binding.listener();
    loop.context()
        .runOnContext(
            _ ->
                vertx
                    .createNetServer(serverOptions())
                    .connectHandler(socket -> accept(loop.connections(), listener.name(), socket))
                    .listen(listener.port(), binding.host())
                    .onComplete(listening));
    return listening
        .future()
        .map(server -> listener.withPort(server.actualPort()))
        .recover(
            cause ->
                Future.failedFuture(
                    new Fault.Retriable(
                        "cannot listen on "
                            + binding.host()
                            + ":"
                            + listener.port()
                            + " ("
                            + cause.getMessage()
                            + "); --port or the setting listeners names another",
                        cause)));
  }

  /**
   * A port for several sockets: one given by the kernel, let go again. Somebody else may take it
   * before us; then the listener fails to start.
   */
  private static int freePort(String host) throws IOException {
    try (var probe = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return probe.getLocalPort();
    }
  }

  private void accept(ConnectionLoop loop, String listenerName, NetSocket socket) {
    var context = ((NetSocketInternal) socket).channelHandlerContext();
    var channel = context.channel();
    if (!(channel.remoteAddress() instanceof InetSocketAddress client)) {
      var _ = channel.close(); // gone before it was accepted
      return;
    }
    var excess = scope.limiter().admit(client.getAddress());
    if (excess != null) {
      scope.counts().refused().increment();
      loop.closedLog().onClosed(client, excess);
      var _ = channel.close();
      return;
    }
    channel
        .config()
        .setOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(
                config.socket().outboundBytes() / 2, config.socket().outboundBytes()));
    // Else what a client sent before it closed would be lost when it was not read at once.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    scope.counts().accepted().increment();
    var peer = new ClientPeer(connectionIds.incrementAndGet(), advertised.of(listenerName), client);
    ClientConnection.install(loop, peer, channel);
  }

  private static NodeConnector connector(NetClient client, ContextInternal context) {
    return (target, connection) ->
        context.runOnContext(
            _ ->
                client
                    .connect(
                        new ConnectOptions()
                            .setHost(target.host())
                            .setPort(target.port())
                            .setTimeout(target.connectTimeoutMs()))
                    .onComplete(
                        socket ->
                            connection.onConnected(
                                ((NetSocketInternal) socket).channelHandlerContext().channel()),
                        cause -> connection.onFailed(cause.toString())));
  }

  private NetServerOptions serverOptions() {
    var socket = config.socket();
    return new NetServerOptions()
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setReuseAddress(true)
        .setAcceptBacklog(socket.listenBacklog())
        .setSendBufferSize(socket.sendBufferBytes())
        .setReceiveBufferSize(socket.receiveBufferBytes());
  }

  private NetClientOptions clientOptions() {
    return new NetClientOptions()
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setTcpUserTimeout(config.forward().stallMs())
        .setSoLinger(0) // what a node has not got when its pipe is closed, it never gets
        .setReconnectAttempts(0);
  }

  private static Vertx buildVertx(int eventLoops) {
    var options =
        new VertxOptions()
            .setEventLoopPoolSize(eventLoops)
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

  /** The addresses a listener's host stands for. */
  private static List<String> hosts(String host) {
    if (host.isEmpty()) {
      return List.of("0.0.0.0");
    }
    if (!host.equals(LOCALHOST)) {
      return List.of(host);
    }
    return hasIpv6Loopback() ? List.of("127.0.0.1", "::1") : List.of("127.0.0.1");
  }

  private static boolean hasIpv6Loopback() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(InetAddress::isLoopbackAddress)
          .anyMatch(address -> address instanceof java.net.Inet6Address);
    } catch (SocketException e) {
      LOG.warn("network interfaces cannot be listed, cause={}", e.toString());
      return false;
    }
  }
}
