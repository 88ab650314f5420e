package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Fails a test class in which Netty found a buffer that was collected unreleased. */
final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

  /** Reports come with the next allocations after a collection. */
  private static final int ALLOCATIONS = 1_000;

  private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    reports.start();
    detectorLog().addAppender(reports);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.gc();
    for (int i = 0; i < ALLOCATIONS; i++) {
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    }
    detectorLog().detachAppender(reports);
    assertThat(reports.list).extracting(ILoggingEvent::getFormattedMessage).isEmpty();
  }

  private static Logger detectorLog() {
    return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  }
}
