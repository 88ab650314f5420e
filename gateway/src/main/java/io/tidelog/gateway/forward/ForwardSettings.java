package io.tidelog.gateway.forward;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;

/** Every key about requests that are served by other nodes. */
public final class ForwardSettings {

  private static final int MIB = 1 << 20;

  public static final Setting<Integer> HOLD_MS =
      Setting.ofInt(
          "tidelog.forward.hold.ms",
          5_000,
          Bounds.between(0, 600_000),
          "ms",
          "How long a gateway holds a request at most whose partition or group nobody leads; longer"
              + " than most elections take. Answers to later requests of the same connection wait"
              + " as long. Then the client is told to try again, and is not held again until"
              + " somebody leads.");

  public static final Setting<Integer> ANSWER_TIMEOUT_MS =
      Setting.ofInt(
          "tidelog.forward.answer.timeout.ms",
          60_000,
          Bounds.between(1_000, 3_600_000),
          "ms",
          "How long a gateway waits for a node's answer, beyond the time a request names; then its"
              + " client is told to try again.");

  public static final Setting<Integer> RETRY_BACKOFF_MS =
      Setting.ofInt(
          "tidelog.forward.retry.backoff.ms",
          10,
          Bounds.between(1, 60_000),
          "ms",
          "How long a gateway waits before it asks the same node again, doubled up to"
              + " tidelog.forward.retry.backoff.max.ms; it asks at once when another one leads.");

  public static final Setting<Integer> RETRY_BACKOFF_MAX_MS =
      Setting.ofInt(
          "tidelog.forward.retry.backoff.max.ms",
          200,
          Bounds.between(1, 60_000),
          "ms",
          "The longest such wait. Less finds a leader sooner whose term has just begun; raise it where"
              + " very many clients wait for one.");

  public static final Setting<Integer> CONNECT_TIMEOUT_MS =
      Setting.ofInt(
          "tidelog.forward.connect.timeout.ms",
          3_000,
          Bounds.between(10, 60_000),
          "ms",
          "How long a gateway tries to connect to a node; raise it for slow networks.");

  public static final Setting<Integer> STALL_MS =
      Setting.ofInt(
          "tidelog.forward.stall.ms",
          10_000,
          Bounds.between(1_000, 600_000),
          "ms",
          "A gateway's connection to a node whose kernel has not taken its bytes for so long is"
              + " closed.");

  public static final Setting<Long> ANSWERS_MAX_BYTES =
      Setting.ofLong(
          "tidelog.forward.answers.max.bytes",
          128L * MIB,
          Bounds.between(MIB, Integer.MAX_VALUE),
          "bytes",
          "Answers of other nodes held in memory at once, at least socket.request.max.bytes; above it"
              + " the connections to them are not read. Raise it with the memory of the machine.");

  public static final Setting<Integer> FETCH_GRACE_MS =
      Setting.ofInt(
          "tidelog.forward.fetch.grace.ms",
          100,
          Bounds.between(0, 10_000),
          "ms",
          "How long a fetch waits beyond its own time for nodes that have not answered; raise it"
              + " where the network between nodes is slow.");

  /** In the order of the reference page. */
  public static final List<Setting<?>> ALL =
      List.of(
          HOLD_MS,
          ANSWER_TIMEOUT_MS,
          RETRY_BACKOFF_MS,
          RETRY_BACKOFF_MAX_MS,
          CONNECT_TIMEOUT_MS,
          STALL_MS,
          ANSWERS_MAX_BYTES,
          FETCH_GRACE_MS);

  private ForwardSettings() {}
}
