package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Pause;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Waits until a server serves. */
final class Readiness {

  /** A loaded machine starts five virtual machines at once. */
  private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(240);

  private static final long PROBE_MS = 50;
  private static final int CONNECT_TIMEOUT_MS = 1_000;
  private static final int LAST_LINES = 15;

  /** Something that is not there yet, or throws as long as it is not. */
  interface Probe {
    boolean isThere() throws IOException;
  }

  private Readiness() {}

  /**
   * @throws IOException when the server ends, or takes too long; with the end of its output
   */
  static void await(Server server, Probe probe) throws IOException {
    long deadline = System.nanoTime() + TIMEOUT_NS;
    IOException last = null;
    while (System.nanoTime() - deadline < 0) {
      if (!server.isRunning()) {
        throw new IOException(server.name() + " ended:\n" + endOfOutput(server), last);
      }
      try {
        if (probe.isThere()) {
          return;
        }
      } catch (IOException notYet) {
        last = notYet;
      }
      Pause.ms(PROBE_MS);
    }
    throw new IOException(server.name() + " is not ready:\n" + endOfOutput(server), last);
  }

  /**
   * @throws IOException when nobody takes the connection
   */
  static boolean isListening(String host, int port) throws IOException {
    try (var probe = new Socket()) {
      probe.connect(new InetSocketAddress(host, port), CONNECT_TIMEOUT_MS);
      return probe.isConnected();
    }
  }

  private static String endOfOutput(Server server) throws IOException {
    List<String> lines = Files.readAllLines(server.output());
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }
}
