package io.tidelog.gateway.forward;

import java.util.List;
import java.util.UUID;

/**
 * Chooses one of several nodes for a thing so that everybody who knows the same nodes chooses the
 * same, the things are spread evenly, and a node that comes or goes moves only its own share
 * (rendezvous hashing, Thaler and Ravishankar 1998). The hash must never change: gateways of two
 * versions have to agree.
 */
final class Rendezvous {

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Rendezvous() {}

  /** The node for a partition; {@code nodes} must not be empty, in any order. */
  static int choose(List<Integer> nodes, UUID topicId, int partition) {
    return choose(
        nodes,
        mix(
            mix(topicId.getMostSignificantBits())
                ^ topicId.getLeastSignificantBits()
                ^ partition * GOLDEN));
  }

  /** The node for something with a number; {@code nodes} must not be empty, in any order. */
  static int choose(List<Integer> nodes, long thing) {
    int chosen = -1;
    long highest = 0;
    for (int node : nodes) {
      long weight = mix(thing ^ mix(node + GOLDEN));
      int order = Long.compareUnsigned(weight, highest);
      if (chosen < 0 || order > 0 || (order == 0 && node < chosen)) {
        chosen = node;
        highest = weight;
      }
    }
    return chosen;
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014), a bijection. */
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
