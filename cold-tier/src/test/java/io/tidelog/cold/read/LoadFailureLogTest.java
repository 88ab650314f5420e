package io.tidelog.cold.read;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidelog.core.Fault;
import io.tidelog.testkit.ManualClock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoadFailureLogTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(LoadFailureLog.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ManualClock clock = new ManualClock(1);
  private final LoadFailureLog failures = new LoadFailureLog(clock);

  @BeforeEach
  void listen() {
    // The tests of this module are quiet otherwise.
    logger.setLevel(Level.WARN);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  @Test
  void theFirstFailureIsSaidAtOnceAndTheOthersInOneLineAWhileLater() {
    fail("a", 3);
    assertThat(said()).singleElement().asString().contains("key=a failures=1", "a is gone");
    clock.advanceMs(LoadFailureLog.INTERVAL_MS);
    fail("b", 1);
    assertThat(said()).hasSize(2).last().asString().contains("key=b failures=3");
  }

  private void fail(String key, int times) {
    for (int i = 0; i < times; i++) {
      failures.onFailed(key, new Fault.Retriable("object " + key + " is gone"));
    }
  }

  private List<String> said() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
