package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A response whose parts come from other threads: waits for all of them, or for the end of the
 * wait, and answers once. Lives on the event loop of its connection.
 */
final class PendingAnswer<P> {

  private static final long NS_PER_MS = 1_000_000;

  private final ClientRequest request;
  private final Clock clock;
  private final Supplier<ApiMessage> response;

  /** By identity: parts of two topics may look the same. */
  private final Set<P> missing = Collections.newSetFromMap(new IdentityHashMap<>());

  private boolean started;
  private boolean answered;
  private @Nullable Runnable cancelTimer;

  PendingAnswer(ClientRequest request, Clock clock, Supplier<ApiMessage> response) {
    this.request = request;
    this.clock = clock;
    this.response = response;
  }

  /**
   * Waits for a part.
   *
   * @return to be called once, on any thread; then {@code fill} fills the part on the event loop,
   *     unless the wait ended before
   */
  <T> Consumer<T> expect(P part, Consumer<? super T> fill) {
    missing.add(part);
    return result -> request.lane().execute(() -> onEnded(part, () -> fill.accept(result)));
  }

  /** As {@link #expect}, for a stage. */
  <T> void await(
      P part,
      CompletionStage<T> stage,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> fill) {
    var end = this.<Runnable>expect(part, Runnable::run);
    var _ = stage.whenComplete((result, fault) -> end.accept(() -> fill.accept(result, fault)));
  }

  /** Every part was begun; {@code late} marks those that are missing when the wait ends. */
  void start(long waitMs, Consumer<? super P> late) {
    started = true;
    if (missing.isEmpty()) {
      answer();
      return;
    }
    cancelTimer =
        request
            .lane()
            .executeAt(
                clock.monotonicNs() + Math.max(0, waitMs) * NS_PER_MS, () -> onWaitOver(late));
  }

  private void onEnded(P part, Runnable fill) {
    if (answered) {
      return;
    }
    missing.remove(part);
    fill.run();
    if (started && missing.isEmpty()) {
      answer();
    }
  }

  private void onWaitOver(Consumer<? super P> late) {
    if (!answered) {
      missing.forEach(late);
      answer();
    }
  }

  private void answer() {
    answered = true;
    if (cancelTimer != null) {
      cancelTimer.run();
    }
    request.respond(response.get());
  }
}
