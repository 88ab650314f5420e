package io.tidelog.metadata.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.metadata.HandClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The bounds of calls, with a store's thread and a clock moved by hand. */
class EtcdCallsTest {

  private static final int TIMEOUT_MS = 5_000;

  private final ArrayDeque<Runnable> lane = new ArrayDeque<>();
  private final HandClock clock = new HandClock();
  private final List<CompletableFuture<String>> sent = new ArrayList<>();
  private final EtcdCalls calls =
      new EtcdCalls(
          lane::add,
          clock,
          Etcd.at("a:1")
              .timeoutMs(TIMEOUT_MS)
              .with(EtcdSettings.CALLS_MAX, 2)
              .with(EtcdSettings.CALLS_WAITING_MAX, 2)
              .config(),
          failure -> {});

  @Test
  void soManyAreSentSoManyMoreWaitAndTheNextIsRefusedAtOnce() {
    var accepted = List.of(read(), read(), read(), read());
    assertThat(failure(read())).isInstanceOf(Fault.Retriable.class);
    run();
    assertThat(sent).hasSize(2);
    sent.getFirst().complete("1");
    run();
    assertThat(sent).hasSize(3);
    assertThat(accepted.getFirst().toCompletableFuture()).isCompletedWithValue("1");
    read();
    run();
    assertThat(calls.isIdle()).isFalse();
  }

  @Test
  void aCallThatWaitedTooLongIsNotSent() {
    read();
    read();
    var late = write();
    run();
    clock.passMs(TIMEOUT_MS + 1);
    var inTime = write();
    run();
    sent.getFirst().complete("1");
    run();
    assertThat(failure(late)).isInstanceOf(Fault.Retriable.class).hasMessageContaining("not sent");
    assertThat(sent).hasSize(3);
    sent.getLast().complete("2");
    run();
    assertThat(inTime.toCompletableFuture()).isCompletedWithValue("2");
  }

  @Test
  void closingLeavesOpenWhetherWhatWasSentHappened() {
    var write = write();
    var read = read();
    var waiting = write();
    run();
    var onItsWay = write();
    calls.close(new Fault.Retriable("closed"));
    assertThat(failure(read())).isInstanceOf(Fault.Retriable.class);
    assertThat(calls.isIdle()).isFalse();
    calls.failAll(new Fault.Retriable("closed"));
    assertThat(failure(write)).isInstanceOf(Fault.Uncertain.class);
    assertThat(failure(read)).isInstanceOf(Fault.Retriable.class);
    assertThat(failure(waiting)).isInstanceOf(Fault.Retriable.class);
    assertThat(onItsWay.toCompletableFuture()).isNotDone();
    assertThat(calls.isIdle()).isFalse();
    run();
    assertThat(failure(onItsWay)).isInstanceOf(Fault.Retriable.class);
    assertThat(calls.isIdle()).isTrue();
    sent.getFirst().complete("late");
    run();
    assertThat(calls.isIdle()).isTrue();
  }

  private CompletionStage<String> read() {
    return calls.read(this::send, answer -> answer);
  }

  private CompletionStage<String> write() {
    return calls.write(this::send, answer -> answer);
  }

  private CompletableFuture<String> send() {
    var answer = new CompletableFuture<String>();
    sent.add(answer);
    return answer;
  }

  private void run() {
    for (var task = lane.poll(); task != null; task = lane.poll()) {
      task.run();
    }
  }

  private static Throwable failure(CompletionStage<String> stage) {
    return stage.toCompletableFuture().exceptionNow();
  }
}
