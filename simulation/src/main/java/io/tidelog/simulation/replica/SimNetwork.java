package io.tidelog.simulation.replica;

import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.simulation.log.VirtualTime;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Links between nodes: in order by default, and as bad as they are asked to be. */
public final class SimNetwork {

  private static final long NS_PER_MS = 1_000_000;
  private static final long USUAL_NS = 3 * NS_PER_MS;
  private static final long STRAGGLER_NS = 6_000 * NS_PER_MS;

  private final VirtualTime time;
  private final VirtualTime.Life world;
  private final Random random;
  private final Delivery delivery;
  private final Map<Link, Long> lastNs = new HashMap<>();
  private final Set<Link> cut = new HashSet<>();
  private int lossPercent;
  private int repeatPercent;
  private int stragglerPercent;

  private record Link(int from, int to) {}

  /**
   * How bad it is, in percent of messages.
   *
   * @param stragglerPercent that come long after any timeout
   */
  public record Badness(int lossPercent, int repeatPercent, int stragglerPercent) {}

  /** Takes what arrives. */
  public interface Delivery {
    void deliver(int from, int to, ReplicaMessage message);
  }

  public SimNetwork(
      VirtualTime time, VirtualTime.Life world, Random random, Badness badness, Delivery delivery) {
    this.time = time;
    this.world = world;
    this.random = random;
    this.delivery = delivery;
    this.lossPercent = badness.lossPercent();
    this.repeatPercent = badness.repeatPercent();
    this.stragglerPercent = badness.stragglerPercent();
  }

  public void send(int from, int to, ReplicaMessage message) {
    var link = new Link(from, to);
    if (random.nextInt(100) < stragglerPercent) {
      long atNs = time.monotonicNs() + random.nextLong(STRAGGLER_NS);
      deliverAt(atNs, link, message);
    }
    if (cut.contains(link) || random.nextInt(100) < lossPercent) {
      return;
    }
    long atNs = time.monotonicNs() + 50_000 + random.nextLong(USUAL_NS);
    atNs = Math.max(atNs, lastNs.getOrDefault(link, 0L));
    lastNs.put(link, atNs);
    deliverAt(atNs, link, message);
    if (random.nextInt(100) < repeatPercent) {
      deliverAt(atNs + random.nextLong(20 * USUAL_NS), link, message);
    }
  }

  private void deliverAt(long atNs, Link link, ReplicaMessage message) {
    time.at(atNs, world, () -> delivery.deliver(link.from(), link.to(), copy(message)));
  }

  /** What is delivered twice must not share a buffer's position. */
  private static ReplicaMessage copy(ReplicaMessage message) {
    return switch (message) {
      case ReplicaMessage.Append a ->
          new ReplicaMessage.Append(
              a.term(),
              a.stream(),
              a.lsn(),
              a.segmentBaseLsn(),
              a.commitLsn(),
              a.sentNs(),
              duplicate(a.groups()));
      case ReplicaMessage.MovePart p ->
          new ReplicaMessage.MovePart(
              p.term(),
              p.request(),
              p.partition(),
              p.position(),
              p.sizeBytes(),
              duplicate(p.bytes()));
      default -> message;
    };
  }

  private static ByteBuffer duplicate(ByteBuffer bytes) {
    return bytes.duplicate();
  }

  /** What is sent on the link now comes later, and all that follows behind it. */
  public void clog(int from, int to, long forNs) {
    lastNs.merge(new Link(from, to), time.monotonicNs() + forNs, Math::max);
  }

  public void cut(int from, int to) {
    cut.add(new Link(from, to));
  }

  public void mend(int from, int to) {
    cut.remove(new Link(from, to));
  }

  /** From now on nothing is lost or late. */
  public void heal() {
    cut.clear();
    lossPercent = 0;
    repeatPercent = 0;
    stragglerPercent = 0;
  }
}
