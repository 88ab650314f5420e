package io.tidelog.hot.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Refusal;
import org.junit.jupiter.api.Test;

class ProducerStateTest {

  private static BatchHeader batch(int epoch, int sequence, int records, long offset) {
    return BatchHeader.read(TestBatch.of(records).from(7, epoch, sequence).bytesAt(offset), 0);
  }

  private static ProducerState after(BatchHeader... batches) {
    ProducerState state = null;
    for (var batch : batches) {
      state = ProducerState.after(state, batch, 1);
    }
    return state;
  }

  private static void assertRefused(SequenceCheck check, Refusal refusal) {
    assertThat(check)
        .isInstanceOfSatisfying(
            SequenceCheck.Refused.class, r -> assertThat(r.refusal()).isEqualTo(refusal));
  }

  private static SequenceCheck check(ProducerState state, BatchHeader batch) {
    return ProducerState.check(state, batch, false);
  }

  @Test
  void aProducerThatMayBeForgottenBeginsWithAnySequence() {
    assertThat(ProducerState.check(null, batch(0, 42, 1, 0), true))
        .isInstanceOf(SequenceCheck.Next.class);
  }

  @Test
  void aNewProducerBeginsWithSequenceZero() {
    assertRefused(
        ProducerState.check(null, batch(0, 42, 1, 0), false), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertThat(ProducerState.check(null, batch(0, 0, 1, 0), false))
        .isInstanceOf(SequenceCheck.Next.class);
  }

  @Test
  void theNextSequenceIsTaken() {
    var state = after(batch(0, 0, 3, 0));
    assertThat(check(state, batch(0, 3, 1, 0))).isInstanceOf(SequenceCheck.Next.class);
  }

  @Test
  void aGapIsOutOfOrder() {
    var state = after(batch(0, 0, 3, 0));
    assertRefused(check(state, batch(0, 4, 1, 0)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void eachOfTheLastFiveBatchesIsAnsweredWithItsFirstOffset() {
    var state =
        after(
            batch(0, 0, 2, 10),
            batch(0, 2, 2, 12),
            batch(0, 4, 2, 14),
            batch(0, 6, 2, 16),
            batch(0, 8, 2, 18),
            batch(0, 10, 2, 20));
    for (int i = 1; i <= 5; i++) {
      assertThat(check(state, batch(0, 2 * i, 2, 0)))
          .isEqualTo(new SequenceCheck.Duplicate(10 + 2 * i));
    }
    assertRefused(check(state, batch(0, 0, 2, 0)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void aRetryOfAnotherLengthIsNoDuplicate() {
    var state = after(batch(0, 0, 3, 0));
    assertRefused(check(state, batch(0, 0, 2, 0)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void anOldEpochIsRefused() {
    var state = after(batch(3, 0, 1, 0));
    assertRefused(check(state, batch(2, 1, 1, 0)), Refusal.INVALID_PRODUCER_EPOCH);
  }

  @Test
  void aNewEpochBeginsWithSequenceZeroAndForgetsTheOldBatches() {
    var state = after(batch(3, 0, 1, 0));
    assertRefused(check(state, batch(4, 1, 1, 0)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertThat(check(state, batch(4, 0, 1, 0))).isInstanceOf(SequenceCheck.Next.class);
    assertThat(ProducerState.after(state, batch(4, 0, 1, 5), 1).batches()).hasSize(2);
  }

  @Test
  void sequencesWrapBehindTheLargestOne() {
    var state = after(batch(0, Integer.MAX_VALUE - 1, 2, 0));
    assertThat(check(state, batch(0, 0, 1, 0))).isInstanceOf(SequenceCheck.Next.class);

    var across = after(batch(0, Integer.MAX_VALUE, 3, 0));
    assertThat(across.lastSequence()).isEqualTo(1);
    assertThat(check(across, batch(0, 2, 1, 0))).isInstanceOf(SequenceCheck.Next.class);
    assertThat(check(across, batch(0, Integer.MAX_VALUE, 3, 0)))
        .isEqualTo(new SequenceCheck.Duplicate(0));
  }
}
