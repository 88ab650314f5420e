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
    set(org.slf4j.Logger.ROOT_LOGGER_NAME, Level.toLevel(level));
  }

  /** Says nothing of what Kafka's clients meet; for commands that tell it in their own words. */
  public static void silenceClients() {
    set("org.apache.kafka", Level.OFF);
  }

  private static void set(String name, Level level) {
    if (LoggerFactory.getLogger(name) instanceof Logger logger) {
      logger.setLevel(level);
    }
  }
}
