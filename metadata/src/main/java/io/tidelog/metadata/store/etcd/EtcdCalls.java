package io.tidelog.metadata.store.etcd;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls on their way to etcd and back: so many are sent at a time, so many more wait, and each
 * ends in bounded time. Owned by the store's thread, on which every stage completes; {@link #read}
 * and {@link #write} may be called from anywhere.
 */
final class EtcdCalls {

  /** After a call's deadline inside gRPC; only a call that jetcd has lost gets here. */
  private static final long GRACE_MS = 500;

  private final Executor lane;
  private final Clock clock;
  private final Consumer<@Nullable Throwable> ended;
  private final long timeoutMs;
  private final int maxSent;
  private final int maxPending;

  private final AtomicInteger pending = new AtomicInteger();
  private volatile @Nullable Fault closed;

  // Owned by the store's thread.
  private final ArrayDeque<Call<?, ?>> waiting = new ArrayDeque<>();
  private final Set<Call<?, ?>> sent = new HashSet<>();

  /**
   * @param ended told on the store's thread what each call failed with, null when it did not
   */
  EtcdCalls(Executor lane, Clock clock, EtcdConfig config, Consumer<@Nullable Throwable> ended) {
    this.lane = lane;
    this.clock = clock;
    this.ended = ended;
    this.timeoutMs = config.requestTimeoutMs();
    this.maxSent = config.callsMax();
    this.maxPending = config.callsMax() + config.callsWaitingMax();
  }

  /** Sends what changes nothing; its retry ends with the deadline of the first try. */
  <R extends @Nullable Object, T extends @Nullable Object> CompletionStage<T> read(
      Supplier<CompletableFuture<R>> rpc, Function<R, T> result) {
    return call(new Call<>(rpc, result, EtcdFaults::ofRead, timeoutMs + GRACE_MS));
  }

  /**
   * Sends what changes something. The second try that a new login takes has a deadline of its own
   * and is waited for: giving it up would leave it behind.
   */
  <R extends @Nullable Object, T extends @Nullable Object> CompletionStage<T> write(
      Supplier<CompletableFuture<R>> rpc, Function<R, T> result) {
    return call(new Call<>(rpc, result, EtcdFaults::ofWrite, 2 * timeoutMs + GRACE_MS));
  }

  private <T extends @Nullable Object> CompletionStage<T> call(Call<?, T> call) {
    // Counted first: while a call is, the store's thread does not end.
    boolean tooMany = pending.incrementAndGet() > maxPending;
    var fault = closed;
    if (fault != null) {
      refuse(call, fault);
    } else if (tooMany) {
      refuse(call, new Fault.Retriable(maxPending + " calls wait for etcd already"));
    } else {
      lane.execute(() -> admit(call));
    }
    return call.future;
  }

  /** Ends a call that was not sent. */
  private void refuse(Call<?, ?> call, Fault reason) {
    pending.decrementAndGet();
    call.future.completeExceptionally(reason);
  }

  private void admit(Call<?, ?> call) {
    var fault = closed;
    if (fault != null) {
      refuse(call, fault);
    } else if (sent.size() < maxSent) {
      send(call);
    } else {
      waiting.add(call);
    }
  }

  private void send(Call<?, ?> call) {
    sent.add(call);
    call.send(() -> lane.execute(() -> onAnswered(call)));
  }

  private void onAnswered(Call<?, ?> call) {
    if (sent.remove(call)) {
      pending.decrementAndGet();
      ended.accept(call.failure());
      call.complete();
      sendWaiting();
    }
  }

  private void sendWaiting() {
    while (sent.size() < maxSent && !waiting.isEmpty()) {
      var next = waiting.removeFirst();
      if (clock.monotonicNs() - next.askedNs > TimeUnit.MILLISECONDS.toNanos(timeoutMs)) {
        refuse(next, new Fault.Retriable("not sent: the calls before it wait for etcd"));
      } else {
        send(next);
      }
    }
  }

  /** Takes no more calls; from any thread. */
  void close(Fault reason) {
    closed = reason;
  }

  /** Ends every call there is; on the store's thread, after {@link #close}. */
  void failAll(Fault reason) {
    waiting.forEach(call -> refuse(call, reason));
    waiting.clear();
    sent.forEach(Call::giveUp);
    pending.addAndGet(-sent.size());
    sent.clear();
  }

  /** No call is on its way, nor ever will be when this is closed. */
  boolean isIdle() {
    return pending.get() == 0;
  }

  private final class Call<R extends @Nullable Object, T extends @Nullable Object> {

    private final Supplier<CompletableFuture<R>> rpc;
    private final Function<R, T> result;
    private final Function<Throwable, Fault> fault;
    private final long lostAfterMs;
    private final long askedNs = clock.monotonicNs();
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private @Nullable CompletableFuture<R> answer;

    Call(
        Supplier<CompletableFuture<R>> rpc,
        Function<R, T> result,
        Function<Throwable, Fault> fault,
        long lostAfterMs) {
      this.rpc = rpc;
      this.result = result;
      this.fault = fault;
      this.lostAfterMs = lostAfterMs;
    }

    void send(Runnable onAnswered) {
      CompletableFuture<R> begun;
      try {
        begun = rpc.get();
      } catch (RuntimeException e) {
        // jetcd throws what it finds wrong before it sends.
        begun = CompletableFuture.failedFuture(e);
      }
      answer = begun.copy().orTimeout(lostAfterMs, TimeUnit.MILLISECONDS);
      var unused = answer.whenComplete((done, failure) -> onAnswered.run());
    }

    @Nullable Throwable failure() {
      return answered().isCompletedExceptionally() ? answered().exceptionNow() : null;
    }

    void complete() {
      var failure = failure();
      if (failure != null) {
        future.completeExceptionally(fault.apply(failure));
      } else {
        future.complete(result.apply(answered().resultNow()));
      }
    }

    private CompletableFuture<R> answered() {
      if (answer == null) {
        throw new IllegalStateException("an answer to a call that was not sent");
      }
      return answer;
    }

    /** Ends it without an answer. */
    void giveUp() {
      future.completeExceptionally(fault.apply(new CancellationException("closed meanwhile")));
    }
  }
}
