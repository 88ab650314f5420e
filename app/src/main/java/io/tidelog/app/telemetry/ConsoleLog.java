package io.tidelog.app.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** What the process writes to its console. */
public final class ConsoleLog {

  private ConsoleLog() {}

  /**
   * Writes our own lines from {@code level} on; those of libraries stay as quiet as they are.
   *
   * @param level error, warn, info, debug or trace
   */
  public static void level(String level) {
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.toLevel(level));
    }
  }
}
