package io.tidelog.hot.replica.net;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator why nodes cannot speak with this one: once, and again when the reason changes
 * or it worked in between, however often they try. Belongs to the event loop.
 */
final class ConnectionFaultLog {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionFaultLog.class);

  /** Enough for any cluster; who makes up more is logged again. */
  private static final int MAX_REMEMBERED = 1_000;

  private final Map<String, String> lastReasons = new HashMap<>();

  /**
   * @param who node and address as far as known
   * @return whether it was told
   */
  boolean onFault(String event, String who, String reason) {
    if (lastReasons.size() >= MAX_REMEMBERED) {
      lastReasons.clear();
    }
    boolean isNew = !reason.equals(lastReasons.put(who, reason));
    if (isNew) {
      LOG.warn("{}, {} reason=\"{}\"", event, who, reason);
    }
    return isNew;
  }

  void onSuccess(String who) {
    lastReasons.remove(who);
  }

  int size() {
    return lastReasons.size();
  }
}
