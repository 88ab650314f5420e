package io.tidelog.delay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.log.DelayGate;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppendTimeGateTest {

  private static final long ALL = Long.MAX_VALUE;

  private final AppendTimeGates gates = new AppendTimeGates();

  @Test
  void aRecordIsSeenWhenItsDelayHasPassedAndNotBefore() {
    var gate = gates.create(1_000);
    gate.onAppended(10, 5_000, 100);
    assertThat(gate.nextDueMs()).isEqualTo(6_000);
    assertThat(gate.visibleEndOffset(5_999, 10)).isZero();
    assertThat(gate.pendingBytes()).isEqualTo(100);
    assertThat(gate.visibleEndOffset(6_000, 10)).isEqualTo(10);
    assertThat(gate.lastVisibleDueMs()).isEqualTo(6_000);
    assertThat(gate.pendingBytes()).isZero();
    assertThat(gate.nextDueMs()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void nothingIsSeenAboveTheHighWatermark() {
    var gate = gates.create(0);
    gate.onAppended(10, 5, 1);
    assertThat(gate.visibleEndOffset(100, 7)).isEqualTo(7);
    assertThat(gate.nextDueMs()).isEqualTo(Long.MAX_VALUE);
    assertThat(gate.visibleEndOffset(100, 10)).isEqualTo(10);
  }

  @Test
  void aShorterDelayNeverOvertakesWhatWasAppendedBefore() {
    var gate = gates.create(1_000);
    gate.onAppended(1, 0, 1);
    gate.onDelayChanged(10);
    gate.onAppended(2, 5, 1);
    assertThat(gate.visibleEndOffset(999, ALL)).isZero();
    assertThat(gate.visibleEndOffset(1_000, ALL)).isEqualTo(2);
  }

  @Test
  void aLongerDelayLeavesWhatWasAppendedBeforeAlone() {
    var gate = gates.create(10);
    gate.onAppended(1, 0, 1);
    gate.onDelayChanged(1_000);
    gate.onAppended(2, 5, 1);
    assertThat(gate.visibleEndOffset(10, ALL)).isEqualTo(1);
    assertThat(gate.nextDueMs()).isEqualTo(1_005);
  }

  @Test
  void deliverAllMakesEverythingDueAtItsOwnTimeAndLaterAppendsWaitAgain() {
    var gate = gates.create(1_000);
    gate.onAppended(1, 0, 1);
    gate.onAppended(2, 500, 1);
    gate.onDeliverAll(600);
    gate.onAppended(3, 700, 1);
    assertThat(gate.visibleEndOffset(599, ALL)).isZero();
    assertThat(gate.visibleEndOffset(600, ALL)).isEqualTo(2);
    assertThat(gate.nextDueMs()).isEqualTo(1_700);
  }

  @Test
  void aClockThatStepsBackHidesNothingAgain() {
    var gate = gates.create(100);
    gate.onAppended(1, 0, 1);
    assertThat(gate.visibleEndOffset(100, ALL)).isEqualTo(1);
    assertThat(gate.visibleEndOffset(-1_000_000, ALL)).isEqualTo(1);
    var restored = gates.restore(gate.save());
    assertThat(restored.visibleEndOffset(-1_000_000, ALL)).isEqualTo(1);
  }

  @Test
  void aDelayBeyondAllTimeNeverWrapsIntoThePast() {
    var gate = gates.create(Long.MAX_VALUE);
    gate.onAppended(1, 5, 1);
    assertThat(gate.visibleEndOffset(Long.MAX_VALUE - 1, ALL)).isZero();
  }

  @Test
  void appendsOfOneMillisecondAreOneStretch() {
    var pending = new PendingStretches(4);
    for (int i = 1; i <= 1_000; i++) {
      pending.add(i, i / 500, 1);
    }
    assertThat(pending.count()).isEqualTo(3);
  }

  @Test
  void halfAnHourAtARecordPerMillisecondIsLessThanAGrainLate() {
    var gate = gates.create(1_800_000);
    for (int i = 0; i < 1_800_000; i++) {
      gate.onAppended(i + 1, i, 1);
    }
    for (long now = 1_800_000; now < 3_600_000; now += 777) {
      long exact = now - 1_800_000 + 1;
      assertThat(gate.visibleEndOffset(now, ALL)).isBetween(exact - 64, exact);
    }
    assertThat(gate.visibleEndOffset(3_599_999, ALL)).isEqualTo(1_800_000);
  }

  /** Compares with a list of every record, through all that can happen to a gate. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void behavesLikeAListOfEveryRecord(long seed) {
    var random = new SplittableRandom(seed);
    var model = new NaiveGate();
    DelayGate gate = gates.create(0);
    long now = 1_000;
    for (int step = 0; step < 5_000; step++) {
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3, 4 -> {
          now += random.nextInt(3);
          long end = model.end() + random.nextInt(1, 50);
          int size = random.nextInt(1, 1_000);
          model.append(end, now, size);
          gate.onAppended(end, now, size);
        }
        case 5, 6, 7 -> now += random.nextInt(40);
        case 8 -> {
          long delay = random.nextInt(2_000);
          model.delayMs = delay;
          gate.onDelayChanged(delay);
        }
        case 9 -> gate = gates.restore(gate.save());
        case 10 -> {
          if (random.nextInt(20) == 0) {
            model.deliverAll(now);
            gate.onDeliverAll(now);
          }
        }
        default -> {
          long shown = now - (random.nextInt(4) == 0 ? random.nextInt(500) : 0);
          long limit = random.nextBoolean() ? ALL : model.end();
          assertThat(gate.visibleEndOffset(shown, limit))
              .as("seed %s step %s", seed, step)
              .isEqualTo(model.visibleEnd(shown));
          assertThat(gate.pendingBytes()).isEqualTo(model.pendingBytes());
          assertThat(gate.nextDueMs()).isEqualTo(model.nextDue());
          assertThat(gate.lastVisibleDueMs()).isEqualTo(model.lastVisibleDue());
        }
      }
    }
  }

  /** With a tiny limit: never early, never back, all there in the end, equal for equal input. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void aFullListIsLaterButNeverEarlier(long seed) {
    var random = new SplittableRandom(seed);
    int limit = random.nextInt(4, 20);
    var small = new AppendTimeGates(limit);
    var model = new NaiveGate();
    model.delayMs = random.nextInt(1, 5_000);
    var gate = small.create(model.delayMs);
    var twin = small.create(model.delayMs);
    long now = 1_000;
    long shownBefore = 0;
    for (int step = 0; step < 3_000; step++) {
      now += random.nextInt(5);
      model.append(model.end() + 1, now, 1);
      gate.onAppended(model.end(), now, 1);
      twin.onAppended(model.end(), now, 1);
      if (random.nextInt(10) == 0) {
        long shown = gate.visibleEndOffset(now, ALL);
        assertThat(shown).isBetween(shownBefore, model.visibleEnd(now));
        assertThat(twin.visibleEndOffset(now, ALL)).isEqualTo(shown);
        shownBefore = shown;
      }
    }
    assertThat(gate.save()).isEqualTo(twin.save());
    assertThat(gate.save().remaining()).isLessThanOrEqualTo(48 + limit * 24);
    long lastDue = now + model.delayMs;
    assertThat(gate.visibleEndOffset(lastDue, ALL)).isEqualTo(model.end());
    assertThat(gate.pendingBytes()).isZero();
  }

  @Test
  void aListSavedUnderAHigherLimitIsMergedNotRefused() {
    var gate = gates.create(100);
    for (int i = 1; i <= 1_000; i++) {
      gate.onAppended(i, i, 1);
    }
    var restored = new AppendTimeGates(8).restore(gate.save());
    assertThat(restored.pendingBytes()).isEqualTo(1_000);
    assertThat(restored.visibleEndOffset(600, ALL)).isLessThanOrEqualTo(500);
    assertThat(restored.visibleEndOffset(1_100, ALL)).isEqualTo(1_000);
  }

  @Test
  void savedBytesThatAreDamagedAreRefusedAndNothingElseEscapes() {
    var gate = gates.create(100);
    gate.onAppended(5, 10, 1);
    gate.onAppended(9, 20, 1);
    byte[] saved = gate.save().array();
    for (int length = 0; length < saved.length; length++) {
      var cut = ByteBuffer.wrap(saved, 0, length);
      assertThatThrownBy(() -> gates.restore(cut)).isInstanceOf(Fault.Broken.class);
    }
    var random = new SplittableRandom(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = saved.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        gates.restore(ByteBuffer.wrap(damaged));
      } catch (Fault.Broken expected) {
        assertThat(expected).hasMessageContaining("saved delay gate");
      }
    }
  }
}
