package io.tidelog.simulation.log;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.LogAppender;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An idempotent producer with up to five batches in flight, as Kafka's (KIP-98, KIP-360): when one
 * fails it waits for the others and sends all unacknowledged ones again, in order.
 */
public final class SimProducer {

  private static final int MAX_IN_FLIGHT = 5;

  private final long id;
  private SimPartition partition;
  private final Random random;
  private final Deque<SimBatch> unacknowledged = new ArrayDeque<>();
  private final Expectations expectations;
  private int nextSequence;

  /** Values are told apart whatever partition they are in; sequences begin anew in each. */
  private long nextValue;

  private int awaited;
  private boolean sendAgain;

  /** Counts partitions it wrote to and connections; answers of an earlier one are nobody's. */
  private int generation;

  private long answers;

  public SimProducer(long id, SimPartition partition, Random random, Expectations expectations) {
    this.id = id;
    this.partition = partition;
    this.random = random;
    this.expectations = expectations;
  }

  public boolean isIdle() {
    return unacknowledged.isEmpty();
  }

  /** The server died: what was in flight is unknown and goes out again. */
  public void onConnectionLost() {
    generation++;
    awaited = 0;
    sendAgain = !unacknowledged.isEmpty();
  }

  /** How often it was told that a batch is in the log; for those who watch whether it gets on. */
  public long answers() {
    return answers;
  }

  public SimPartition partition() {
    return partition;
  }

  /** Its partition goes away: what is unacknowledged is forgotten, and it writes to another. */
  void moveTo(SimPartition other) {
    partition = other;
    nextSequence = 0;
    generation++;
    unacknowledged.clear();
    awaited = 0;
    sendAgain = false;
  }

  /** Sends what is to be sent now. */
  public void produce(LogAppender log, boolean mayBeginNew, long nowMs, long delayMs) {
    List<SimBatch> batches = new ArrayList<>();
    if (sendAgain) {
      if (awaited > 0) {
        return;
      }
      sendAgain = false;
      batches.addAll(unacknowledged);
    } else if (mayBeginNew) {
      int room = MAX_IN_FLIGHT - unacknowledged.size();
      for (int i = random.nextInt(room + 1); i > 0; i--) {
        var batch =
            new SimBatch(
                id,
                nextSequence,
                (id << 32) + nextValue,
                nowMs - random.nextInt(200),
                random.nextInt(2_000));
        nextSequence++;
        nextValue++;
        expectations.onSent(batch, nowMs + delayMs);
        unacknowledged.add(batch);
        batches.add(batch);
      }
    }
    if (!batches.isEmpty()) {
      awaited += batches.size();
      log.append(batches.stream().map(this::request).toList());
    }
  }

  private AppendRequest request(SimBatch batch) {
    int asked = generation;
    return new AppendRequest(
        partition.id(),
        batch.bytes(),
        Acks.ALL,
        AppendRequest.ANY_OFFSET,
        result -> {
          if (asked == generation) {
            onAnswer(batch, result);
          }
        });
  }

  private void onAnswer(SimBatch batch, AppendResult result) {
    awaited--;
    switch (result) {
      case AppendResult.Appended appended -> {
        expectations.onAcknowledged(partition.id(), appended.baseOffset(), batch.value());
        unacknowledged.remove(batch);
        answers++;
      }
      case AppendResult.Refused refused -> sendAgain = mustBeRetriable(refused);
      case AppendResult.Uncertain _ -> sendAgain = true;
    }
  }

  private boolean mustBeRetriable(AppendResult.Refused refused) {
    return switch (refused.refusal()) {
      case OUT_OF_ORDER_SEQUENCE_NUMBER -> {
        if (!sendAgain) {
          expectations.report(
              new Violation(
                  "producer "
                      + id
                      + " in "
                      + partition.id()
                      + " is refused: "
                      + refused.message()));
        }
        yield true;
      }
      case KAFKA_STORAGE_ERROR, NOT_ENOUGH_REPLICAS, NOT_LEADER_OR_FOLLOWER -> true;
      default -> {
        expectations.report(
            new Violation(
                "producer " + id + " is refused " + refused.refusal() + ": " + refused.message()));
        yield true;
      }
    };
  }

  /** Null when nothing waits; else what it waits for. */
  public @Nullable String waitsFor() {
    return unacknowledged.isEmpty()
        ? null
        : "producer " + id + " has " + unacknowledged.size() + " batches without an answer";
  }
}
