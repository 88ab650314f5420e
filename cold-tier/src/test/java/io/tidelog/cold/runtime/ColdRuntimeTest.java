package io.tidelog.cold.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.testkit.ManualClock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ColdRuntimeTest {

  private final ColdRuntime runtime = new ColdRuntime(new ManualClock(0));

  @Test
  void whatBlocksIsInterruptedAndHasEndedWhenTheRuntimeIsClosed() throws Exception {
    var began = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    var ended = new CompletableFuture<String>();
    runtime
        .blocking()
        .execute(
            () -> {
              began.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                ended.complete("cleaned up");
              }
            });
    began.await();
    runtime.close();
    assertThat(ended).isCompletedWithValue("cleaned up");
  }

  @Test
  void whatWasPostedBeforeTheCloseIsRunAndNothingAfterIt() {
    var ran = new CompletableFuture<Void>();
    runtime.lane().execute(() -> ran.complete(null));
    runtime.close();
    assertThat(ran).isCompleted();
    var late = new CompletableFuture<Void>();
    runtime.lane().execute(() -> late.complete(null));
    assertThatThrownBy(() -> runtime.blocking().execute(() -> late.complete(null)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(late).isNotDone();
    runtime.close();
  }
}
