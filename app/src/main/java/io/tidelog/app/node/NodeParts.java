package io.tidelog.app.node;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node has begun, to be ended in the reverse order. May be closed twice. */
final class NodeParts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeParts.class);
  private static final long STEP_TIMEOUT_S = 120;

  private final Deque<Part> parts = new ArrayDeque<>();
  private final Clock clock;

  private record Part(String name, AutoCloseable closing) {}

  NodeParts(Clock clock) {
    this.clock = clock;
  }

  <T extends AutoCloseable> T add(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  ThreadLane lane(String name) {
    return add(name, new ThreadLane(name, clock));
  }

  /**
   * Waits for a step of the start.
   *
   * @throws Fault what it failed with; {@code Retriable} when it takes too long
   */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(STEP_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Fault.Retriable("interrupted", e);
    } catch (TimeoutException e) {
      throw new Fault.Retriable("a step took over " + STEP_TIMEOUT_S + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Fault fault) {
        throw fault;
      }
      throw new Fault.Broken("a step failed: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      var part = parts.pop();
      try {
        part.closing().close();
      } catch (Exception e) { // one part that fails to close keeps no other from closing
        LOG.warn("could not be closed, part={}", part.name(), e);
      }
    }
  }
}
