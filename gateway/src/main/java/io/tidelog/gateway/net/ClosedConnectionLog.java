package io.tidelog.gateway.net;

import io.tidelog.core.Clock;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator about connections closed for what they sent: one line each, so many lines a
 * second, no byte of the client unescaped. Belongs to one event loop.
 */
final class ClosedConnectionLog {

  private static final Logger LOG = LoggerFactory.getLogger(ClosedConnectionLog.class);
  static final int LINES_PER_SECOND = 10;
  static final int MAX_REASON_CHARS = 300;

  private final Clock clock;
  private long secondStartNs;
  private int lines;
  private long suppressed;

  ClosedConnectionLog(Clock clock) {
    this.clock = clock;
    this.secondStartNs = clock.monotonicNs();
  }

  void onClosed(SocketAddress client, String reason) {
    long nowNs = clock.monotonicNs();
    if (nowNs - secondStartNs >= TimeUnit.SECONDS.toNanos(1)) {
      if (suppressed > 0) {
        LOG.warn("more connections closed, not logged one by one, count={}", suppressed);
      }
      secondStartNs = nowNs;
      lines = 0;
      suppressed = 0;
    }
    if (lines < LINES_PER_SECOND) {
      lines++;
      LOG.warn("connection closed, client={} reason=\"{}\"", client, printable(reason));
    } else {
      suppressed++;
    }
  }

  /** Keeps letters, digits and signs of ASCII, escapes the rest, and ends somewhere. */
  static String printable(String text) {
    var shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (i == MAX_REASON_CHARS) {
        return shown.append("...").toString();
      }
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
        shown.append(c);
      } else {
        shown.append(String.format("\\u%04x", (int) c));
      }
    }
    return shown.toString();
  }
}
