package io.tidelog.chaos.cluster;

/**
 * How many servers of which kind.
 *
 * @param hot nodes that hold logs
 * @param gateways nodes that only speak to clients; none when {@code isCombined}
 * @param isCombined every hot node is a gateway as well
 */
public record Shape(int hot, int gateways, boolean isCombined) {

  public static final Shape USUAL = new Shape(3, 2, false);

  public Shape {
    if (hot < 1 || hot > 50 || gateways < 0 || gateways > 50) {
      throw new IllegalArgumentException(hot + " hot nodes and " + gateways + " gateways");
    }
    if (!isCombined && gateways == 0) {
      throw new IllegalArgumentException("without a gateway nobody speaks to clients");
    }
  }

  public int etcd() {
    return 3;
  }
}
