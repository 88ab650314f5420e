package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class in which Netty found a buffer that was collected unreleased. */
final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

  /** Reports come with the next allocations after a collection. */
  private static final int ALLOCATIONS = 1_000;

  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener((what, where) -> leaks.add(what + " " + where));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.gc();
    for (int i = 0; i < ALLOCATIONS; i++) {
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    }
    assertThat(leaks).isEmpty();
  }
}
