package io.tidelog.hot.replica;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Every key of replication. Kafka's own names where the meaning is Kafka's. */
public final class ReplicaSettings {

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Bounds TIME_MS = Bounds.between(1, 3_600_000);

  /** Largest bytes sent at once: far below the largest write group a frame may carry. */
  private static final int MAX_CHUNK_BYTES = 16 * MIB;

  public static final Setting<String> HOST =
      Setting.ofString(
          "tidelog.replication.host",
          "127.0.0.1",
          "Address on which other nodes of the cluster reach this one; change it to have them on"
              + " other machines, and only in a network that nobody else reaches.");

  public static final Setting<Integer> PORT =
      Setting.ofInt(
          "tidelog.replication.port",
          9094,
          Bounds.between(0, 65_535),
          "",
          "Port on which other nodes of the cluster reach this one; 0 takes a free one.");

  public static final Setting<String> ADVERTISED =
      Setting.ofString(
          "tidelog.replication.advertised",
          "",
          "What other nodes are told to connect to, as host:port; empty for"
              + " tidelog.replication.host and tidelog.replication.port. Change it when they reach"
              + " this node under another address, as in a container.");

  public static final Setting<Long> HEARTBEAT_MS =
      Setting.ofLong(
          "tidelog.replication.heartbeat.ms",
          150,
          TIME_MS,
          "ms",
          "How often the leader of a log shows its followers that it is there. Raise it together"
              + " with the times below in a network that loses or delays much.");

  public static final Setting<Long> SILENCE_MS =
      Setting.ofLong(
          "tidelog.replication.silence.ms",
          1_000,
          TIME_MS,
          "ms",
          "After so long without a word of the leader a follower asks whether the others hear it,"
              + " and takes over when they do not; more than twice"
              + " tidelog.replication.heartbeat.ms. Lower it for a faster failover when a machine"
              + " or a network falls silent, raise it when pauses are mistaken for that.");

  public static final Setting<Long> LAG_MS =
      Setting.ofLong(
          "replica.lag.time.max.ms",
          1_500,
          TIME_MS,
          "ms",
          "A follower that has acknowledged nothing sent within this time leaves the in-sync"
              + " replicas; more than twice tidelog.replication.heartbeat.ms. Until then acks=all"
              + " waits for it.");

  public static final Setting<Long> LOST_MS =
      Setting.ofLong(
          "tidelog.replication.lost.ms",
          250,
          TIME_MS,
          "ms",
          "A follower whose connection has ended leaves the in-sync replicas after this time, unless"
              + " it was heard of again. Raise it where connections end while both nodes are well.");

  public static final Setting<Long> AUTHORITY_MS =
      Setting.ofLong(
          "tidelog.replication.authority.ms",
          2_000,
          TIME_MS,
          "ms",
          "A leader that has heard from every in-sync replica within this time serves reads; above"
              + " replica.lag.time.max.ms.");

  public static final Setting<Long> ROUND_MS =
      Setting.ofLong(
          "tidelog.replication.probe.ms",
          200,
          TIME_MS,
          "ms",
          "How long a replica that has lost its leader waits for what the others say.");

  public static final Setting<Long> RETRY_MS =
      Setting.ofLong(
          "tidelog.replication.retry.ms",
          200,
          TIME_MS,
          "ms",
          "Time between two attempts to follow a leader, or to have a change agreed on.");

  public static final Setting<Long> PROPOSAL_MS =
      Setting.ofLong(
          "tidelog.replication.proposal.ms",
          1_000,
          TIME_MS,
          "ms",
          "After so long without an answer of etcd to a change of a log's record, such as a takeover,"
              + " the record is read and the change proposed again: etcd loses what its members pass"
              + " on to a leader that has just died. Raise it where etcd is slower than that.");

  public static final Setting<Long> WINDOW_BYTES =
      Setting.ofLong(
          "tidelog.replication.window.bytes",
          16L * MIB,
          Bounds.between(64 * KIB, 1024L * MIB),
          "bytes",
          "Sent to a follower of a log and not acknowledged; above it the leader waits. Raise it in"
              + " a network with long delays.");

  public static final Setting<Integer> CHUNK_BYTES =
      Setting.ofInt(
          "tidelog.replication.chunk.bytes",
          MIB,
          Bounds.between(KIB, MAX_CHUNK_BYTES),
          "bytes",
          "Sent to a follower at once, whole write groups; a larger one goes alone. At most"
              + " tidelog.replication.window.bytes.");

  public static final Setting<Long> LAG_BYTES =
      Setting.ofLong(
          "tidelog.replication.lag.max.bytes",
          256L * MIB,
          Bounds.atLeast(MIB),
          "bytes",
          "A follower that is further behind leaves the in-sync replicas.");

  public static final Setting<Integer> MAX_CONNECTIONS =
      Setting.ofInt(
          "tidelog.replication.connections.max",
          1_000,
          Bounds.between(1, 100_000),
          "",
          "Connections of other nodes taken at once, one for each node; further ones are closed.");

  public static final Setting<Integer> CONNECT_TIMEOUT_MS =
      Setting.ofInt(
          "tidelog.replication.connect.timeout.ms",
          1_000,
          Bounds.between(10, 600_000),
          "ms",
          "How long a connection to another node may take to be made, and again its handshake.");

  public static final Setting<Long> BACKOFF_MS =
      Setting.ofLong(
          "tidelog.replication.connect.backoff.ms",
          50,
          TIME_MS,
          "ms",
          "Time before a node that was not reached is tried again, doubled with each attempt, less"
              + " up to half of it by chance.");

  public static final Setting<Long> BACKOFF_MAX_MS =
      Setting.ofLong(
          "tidelog.replication.connect.backoff.max.ms",
          1_000,
          TIME_MS,
          "ms",
          "Most time between two such attempts.");

  public static final Setting<Long> CONNECT_WAITING_BYTES =
      Setting.ofLong(
          "tidelog.replication.connect.waiting.bytes",
          256L * KIB,
          Bounds.between(0, 1024L * MIB),
          "bytes",
          "What waits for a connection that is being made; above it messages are dropped and sent"
              + " again later.");

  public static final Setting<Integer> STALL_MS =
      Setting.ofInt(
          "tidelog.replication.stall.ms",
          5_000,
          Bounds.between(100, 3_600_000),
          "ms",
          "A connection to another node whose bytes were not taken for so long is closed, so that a"
              + " new one is made as soon as the network works again.");

  public static final Setting<Long> UNSENT_BYTES =
      Setting.ofLong(
          "tidelog.replication.unsent.bytes",
          64L * MIB,
          Bounds.atLeast(MIB),
          "bytes",
          "What waits to be sent to one node, of all logs; above it the connection is closed and"
              + " the followers there begin again. At least tidelog.replication.window.bytes; raise"
              + " it with the number of logs.");

  public static final Setting<Long> RECEIVE_POOL_BYTES =
      Setting.ofLong(
          "tidelog.replication.receive.pool.bytes",
          16L * MIB,
          Bounds.atLeast(0),
          "bytes",
          "Memory for records received from leaders that is kept to be used again; with less, new"
              + " memory is taken and collected, which costs CPU.");

  /** In the order of the reference. */
  public static final List<Setting<?>> ALL =
      List.of(
          HOST,
          PORT,
          ADVERTISED,
          HEARTBEAT_MS,
          SILENCE_MS,
          LAG_MS,
          LOST_MS,
          AUTHORITY_MS,
          ROUND_MS,
          RETRY_MS,
          PROPOSAL_MS,
          WINDOW_BYTES,
          CHUNK_BYTES,
          LAG_BYTES,
          MAX_CONNECTIONS,
          CONNECT_TIMEOUT_MS,
          BACKOFF_MS,
          BACKOFF_MAX_MS,
          CONNECT_WAITING_BYTES,
          STALL_MS,
          UNSENT_BYTES,
          RECEIVE_POOL_BYTES);

  private ReplicaSettings() {}

  /**
   * Parses times and limits of replicas; keys of others are passed over, absent ones have their
   * defaults.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static ReplicaConfig of(Map<String, String> properties) {
    var values = new Values(properties);
    requireAbove(values, SILENCE_MS, values.get(HEARTBEAT_MS) * 2, "twice " + HEARTBEAT_MS.name());
    requireAbove(values, LAG_MS, values.get(HEARTBEAT_MS) * 2, "twice " + HEARTBEAT_MS.name());
    requireAbove(values, AUTHORITY_MS, values.get(LAG_MS), LAG_MS.name());
    requireAbove(
        values, WINDOW_BYTES, values.get(CHUNK_BYTES) - 1L, CHUNK_BYTES.name() + " less one");
    return new ReplicaConfig(
        values.ns(HEARTBEAT_MS),
        values.ns(SILENCE_MS),
        values.ns(LAG_MS),
        values.ns(LOST_MS),
        values.ns(AUTHORITY_MS),
        values.ns(ROUND_MS),
        values.ns(RETRY_MS),
        values.ns(PROPOSAL_MS),
        values.get(WINDOW_BYTES),
        values.get(CHUNK_BYTES),
        values.get(LAG_BYTES));
  }

  private static void requireAbove(Values values, Setting<Long> setting, long least, String what) {
    if (values.get(setting) <= least) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG, setting.name() + " must be above " + what + ", " + least);
    }
  }

  private record Values(Map<String, String> properties) {

    <T> T get(Setting<T> setting) {
      return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
    }

    long ns(Setting<Long> setting) {
      return TimeUnit.MILLISECONDS.toNanos(get(setting));
    }
  }
}
