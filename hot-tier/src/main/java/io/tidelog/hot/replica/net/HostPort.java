package io.tidelog.hot.replica.net;

/** Where a node takes replication connections. */
public record HostPort(String host, int port) {

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
