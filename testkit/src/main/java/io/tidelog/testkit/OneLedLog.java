package io.tidelog.testkit;

import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import java.util.Collection;
import java.util.List;

/** The one log of a node, led from the first to the last. */
public record OneLedLog(LedLog log) implements LedLogs {

  @Override
  public Collection<LedLog> led() {
    return List.of(log);
  }

  @Override
  public void onChange(Listener listener) {
    // Its term neither begins nor ends.
  }
}
