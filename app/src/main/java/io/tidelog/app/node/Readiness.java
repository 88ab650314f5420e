package io.tidelog.app.node;

import io.tidelog.hot.node.CopyStats;
import io.tidelog.hot.runtime.LogStats;
import org.jspecify.annotations.Nullable;

/** Says what an operator has to do about a node that holds logs. */
final class Readiness {

  private Readiness() {}

  /** Why the node does not do all it should, a line; null when it does. */
  static @Nullable String missing(LogStats led, CopyStats copies) {
    if (led.isBroken()) {
      return "the log refuses everything until a restart\n";
    }
    if (copies.broken() > 0) {
      return copies.broken() + " of " + copies.held() + " logs here stopped until a restart\n";
    }
    if (led.isFull() || copies.full() > 0) {
      return "the disk is full; with tidelog.disk.resume.bytes of it free records are taken again\n";
    }
    return copies.notOpened() > 0
        ? copies.notOpened() + " logs here cannot be opened, tried again; the node's log says why\n"
        : null;
  }
}
