package io.tidelog.simulation.cluster;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.simulation.log.Expectations;
import io.tidelog.simulation.log.SimBatch;
import io.tidelog.simulation.log.SimPartition;
import io.tidelog.simulation.log.SimProducer;
import io.tidelog.simulation.log.VirtualTime;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes to one partition, through whoever says that it leads; when nothing comes
 * back for a while it connects to another one and sends again what is unanswered.
 */
final class ClusterClient {

  private static final long MIN_PATIENCE_NS = 700_000_000;
  private static final int PATIENCE_NS = 1_500_000_000;

  /** What clients know of the cluster. */
  interface Route {

    /** A node that leads, where the partition may be, or null. */
    @Nullable ClusterNode any(SimPartition partition);

    /** Whether the partition lives in another log than the node's. */
    boolean isElsewhere(ClusterNode node, SimPartition partition);
  }

  private final VirtualTime time;
  private final Random random;
  private final Expectations expectations;
  private final SimPartition partition;
  private final SimProducer producer;
  private final long lossyId;
  private int lossySequence;

  /** Values of {@link #sendLossy} on this connection. */
  private final Set<Long> lossyUnanswered = new HashSet<>();

  private @Nullable ClusterNode connected;
  private VirtualTime.@Nullable Life to;
  private long answers;
  private long impatientNs;

  ClusterClient(
      long id, VirtualTime time, Random random, Expectations expectations, SimPartition partition) {
    this.time = time;
    this.random = random;
    this.expectations = expectations;
    this.partition = partition;
    this.producer = new SimProducer(id, partition, random, expectations);
    this.lossyId = Expectations.FIRST_LOSSY_PRODUCER + id;
  }

  boolean isIdle() {
    return producer.isIdle();
  }

  @Nullable String waitsFor() {
    return producer.waitsFor();
  }

  /**
   * Sends what is to be sent now.
   *
   * @param nowMs the earliest that any clock shows
   */
  void work(Route route, boolean mayBeginNew, long nowMs) {
    if (producer.answers() != answers || producer.isIdle()) {
      answers = producer.answers();
      impatientNs = time.monotonicNs() + MIN_PATIENCE_NS + random.nextInt(PATIENCE_NS);
    }
    var node = connected;
    boolean isGone = node == null || node.life() != to || node.appendable() == null;
    if (node != null && route.isElsewhere(node, partition)) {
      isGone |= random.nextInt(4) == 0; // it is told so, and asks where to
    }
    if (isGone || time.monotonicNs() > impatientNs) {
      producer.onConnectionLost();
      lossyUnanswered.forEach(expectations::onGivenUp);
      lossyUnanswered.clear();
      node = route.any(partition);
      connected = node;
      to = node == null ? null : node.life();
      impatientNs = time.monotonicNs() + MIN_PATIENCE_NS + random.nextInt(PATIENCE_NS);
    }
    var leading = node == null ? null : node.appendable();
    if (node == null || leading == null) {
      return;
    }
    // Like a client, it writes to a partition that the node has told it has, or is about to.
    boolean hasBegun = leading == node.leading();
    if (node.isRunning() && hasBegun && leading.snapshot(partition.id()) == null && mayBeginNew) {
      return;
    }
    producer.produce(leading, mayBeginNew, nowMs, partition.config().delayMs());
    if (mayBeginNew && random.nextInt(8) == 0) {
      sendLossy(leading, nowMs);
    }
  }

  /**
   * {@code acks=1}, once: it may be lost, but not repeated, nor overtaken on its own connection.
   */
  private void sendLossy(io.tidelog.hot.runtime.LogDriver leading, long nowMs) {
    int sequence = lossySequence++;
    long value = (lossyId << 32) + sequence;
    var batch = new SimBatch(-1, -1, value, nowMs, random.nextInt(500));
    lossyUnanswered.add(value);
    expectations.onSent(batch, nowMs + partition.config().delayMs());
    leading.append(
        List.of(
            new AppendRequest(
                partition.id(),
                batch.bytes(),
                Acks.LEADER,
                AppendRequest.ANY_OFFSET,
                result -> lossyUnanswered.remove(value))));
  }
}
