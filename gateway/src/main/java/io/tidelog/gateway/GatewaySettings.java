package io.tidelog.gateway;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import io.tidelog.gateway.forward.ForwardSettings;
import io.tidelog.gateway.forward.ZoneSettings;
import java.util.List;
import java.util.stream.Stream;

/** Every key the gateway reads. Kafka's own names where the meaning is Kafka's. */
public final class GatewaySettings {

  public static final Setting<List<String>> LISTENERS =
      Setting.ofList(
          "listeners",
          "PLAINTEXT://localhost:9092",
          List.of(),
          "Where clients connect, as NAME://host:port. The host localhost binds both loopback"
              + " addresses, an empty one every address; change it to serve other machines.");

  public static final Setting<List<String>> ADVERTISED_LISTENERS =
      Setting.ofList(
          "advertised.listeners",
          "",
          List.of(),
          "What clients are told to connect to, as NAME://host:port; empty for the same as"
              + " listeners. Change it when clients reach this node under another name.");

  public static final Setting<List<String>> LISTENER_SECURITY_PROTOCOL_MAP =
      Setting.ofList(
          "listener.security.protocol.map",
          "PLAINTEXT:PLAINTEXT",
          List.of(),
          "Which security protocol a listener's name stands for; change it to give a listener a"
              + " name of its own.");

  public static final Setting<Integer> NETWORK_THREADS =
      Setting.ofInt(
          "num.network.threads",
          1,
          Bounds.between(1, 256),
          "",
          "Event loops that serve connections; raise it on machines with more than four cores.");

  public static final Setting<Integer> REQUEST_MAX_BYTES =
      Setting.ofInt(
          "socket.request.max.bytes",
          104_857_600,
          Bounds.between(1_024, Integer.MAX_VALUE),
          "bytes",
          "Largest request taken; raise it only for larger batches.");

  public static final Setting<Integer> OTHER_REQUEST_MAX_BYTES =
      Setting.ofInt(
          "tidelog.request.without.records.max.bytes",
          16_777_216,
          Bounds.between(1_024, Integer.MAX_VALUE),
          "bytes",
          "Largest request taken that is no produce request; raise it only for groups whose"
              + " assignments are larger.");

  public static final Setting<Integer> EXAMINED_RECORDS =
      Setting.ofInt(
          "tidelog.produce.examined.records.max",
          200_000,
          Bounds.between(1, Integer.MAX_VALUE),
          "",
          "Most records of a batch that is looked into: with LogAppendTime, a timestamp limit that"
              + " it may exceed, a codec of the topic's own, or compaction. Each takes some hundred"
              + " bytes meanwhile, and a small compressed batch may hold millions; a larger one is"
              + " refused so that its client splits it.");

  public static final Setting<Long> QUEUED_REQUEST_BYTES =
      Setting.ofLong(
          "queued.max.request.bytes",
          134_217_728,
          Bounds.atLeast(1_024),
          "bytes",
          "Requests of all connections held in memory at once, at least socket.request.max.bytes;"
              + " above it connections are not read. Raise it with the memory of the machine.");

  public static final Setting<Integer> LISTEN_BACKLOG =
      Setting.ofInt(
          "socket.listen.backlog.size",
          1_024,
          Bounds.between(1, 65_535),
          "",
          "Connections the kernel keeps waiting until they are accepted; raise it for storms of"
              + " reconnecting clients.");

  public static final Setting<Integer> SEND_BUFFER_BYTES =
      Setting.ofInt(
          "socket.send.buffer.bytes",
          -1,
          Bounds.between(-1, Integer.MAX_VALUE),
          "bytes",
          "The kernel's send buffer of a connection, -1 for the kernel's own choice.");

  public static final Setting<Integer> RECEIVE_BUFFER_BYTES =
      Setting.ofInt(
          "socket.receive.buffer.bytes",
          -1,
          Bounds.between(-1, Integer.MAX_VALUE),
          "bytes",
          "The kernel's receive buffer of a connection, -1 for the kernel's own choice.");

  public static final Setting<Integer> MAX_CONNECTIONS =
      Setting.ofInt(
          "max.connections",
          20_000,
          Bounds.between(1, Integer.MAX_VALUE),
          "",
          "Connections open at once; further ones are closed at once. Raise it together with the"
              + " limit of open files.");

  public static final Setting<Integer> MAX_CONNECTIONS_PER_IP =
      Setting.ofInt(
          "max.connections.per.ip",
          4_000,
          Bounds.between(1, Integer.MAX_VALUE),
          "",
          "Connections open at once from one address, or one /64 network of IPv6; raise it when"
              + " many clients stand behind one address.");

  public static final Setting<Long> CONNECTIONS_MAX_IDLE_MS =
      Setting.ofLong(
          "connections.max.idle.ms",
          600_000,
          Bounds.atLeast(1),
          "ms",
          "A connection with no traffic for so long is closed.");

  public static final Setting<Long> FIRST_REQUEST_TIMEOUT_MS =
      Setting.ofLong(
          "tidelog.connection.first.request.timeout.ms",
          30_000,
          Bounds.atLeast(1),
          "ms",
          "A connection that has sent no valid request for so long is closed; raise it for very"
              + " slow networks.");

  public static final Setting<Long> PAUSE_MS =
      Setting.ofLong(
          "tidelog.connection.pause.ms",
          2_000,
          Bounds.atLeast(2_000),
          "ms",
          "After this process stood still for so long, connections of clients are closed unread:"
              + " what they asked may be given up by now, and asked elsewhere. Keep it below the"
              + " clients' request.timeout.ms.");

  public static final Setting<Integer> FIRST_REQUEST_BYTES =
      Setting.ofInt(
          "tidelog.connection.first.request.bytes",
          49_152,
          Bounds.between(1_024, 65_536),
          "bytes",
          "Largest first request of a connection, unless it begins like a produce request.");

  public static final Setting<Long> PROGRESS_WINDOW_MS =
      Setting.ofLong(
          "tidelog.request.progress.window.ms",
          10_000,
          Bounds.atLeast(1),
          "ms",
          "How often a request that is being received must have made progress.");

  public static final Setting<Integer> PROGRESS_BYTES =
      Setting.ofInt(
          "tidelog.request.progress.bytes",
          10_240,
          Bounds.between(0, Integer.MAX_VALUE),
          "bytes",
          "How many bytes of an unfinished request must arrive in each window, or its connection is"
              + " closed; while other requests wait for memory, also a sixth of the request. Lower it"
              + " for very slow networks.");

  public static final Setting<Integer> IN_FLIGHT_REQUESTS =
      Setting.ofInt(
          "tidelog.connection.in.flight.requests",
          32,
          Bounds.between(1, 10_000),
          "",
          "Requests of one connection worked on at once; above it the connection is not read.");

  public static final Setting<Integer> IN_FLIGHT_BYTES =
      Setting.ofInt(
          "tidelog.connection.in.flight.bytes",
          16_777_216,
          Bounds.between(1, Integer.MAX_VALUE),
          "bytes",
          "Bytes of unanswered requests of one connection above which it is not read.");

  public static final Setting<Integer> OUTBOUND_BYTES =
      Setting.ofInt(
          "tidelog.connection.outbound.bytes",
          1_048_576,
          Bounds.between(1_024, Integer.MAX_VALUE),
          "bytes",
          "Bytes of answers waiting for a slow reader above which its connection is not read.");

  public static final Setting<Long> QUEUED_OUTBOUND_BYTES =
      Setting.ofLong(
          "tidelog.queued.outbound.bytes",
          134_217_728,
          Bounds.atLeast(1_024),
          "bytes",
          "Bytes of answers in memory, waiting for slow readers, of all connections together; above"
              + " it those are closed that have read nothing for tidelog.request.progress.window.ms."
              + " Raise it with the memory of the machine.");

  public static final Setting<Long> DRAIN_MS =
      Setting.ofLong(
          "tidelog.connection.drain.ms",
          5_000,
          Bounds.between(0, 600_000),
          "ms",
          "How long a stopping node waits for the answers to the requests it has.");

  public static final Setting<Boolean> AUTO_CREATE_TOPICS =
      Setting.ofBoolean(
          "auto.create.topics.enable",
          true,
          "Whether a client's wish for the metadata of an unknown topic creates it; switch it off"
              + " where topics are administered.");

  private static final List<Setting<?>> OWN =
      List.of(
          LISTENERS,
          ADVERTISED_LISTENERS,
          LISTENER_SECURITY_PROTOCOL_MAP,
          NETWORK_THREADS,
          REQUEST_MAX_BYTES,
          OTHER_REQUEST_MAX_BYTES,
          EXAMINED_RECORDS,
          QUEUED_REQUEST_BYTES,
          LISTEN_BACKLOG,
          SEND_BUFFER_BYTES,
          RECEIVE_BUFFER_BYTES,
          MAX_CONNECTIONS,
          MAX_CONNECTIONS_PER_IP,
          CONNECTIONS_MAX_IDLE_MS,
          FIRST_REQUEST_TIMEOUT_MS,
          PAUSE_MS,
          FIRST_REQUEST_BYTES,
          PROGRESS_WINDOW_MS,
          PROGRESS_BYTES,
          IN_FLIGHT_REQUESTS,
          IN_FLIGHT_BYTES,
          OUTBOUND_BYTES,
          QUEUED_OUTBOUND_BYTES,
          DRAIN_MS,
          AUTO_CREATE_TOPICS);

  /** In the order of the reference page. */
  public static final List<Setting<?>> ALL =
      Stream.of(OWN, ZoneSettings.ALL, ForwardSettings.ALL)
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private GatewaySettings() {}
}
