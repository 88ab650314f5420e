package io.tidelog.hot.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.EpochEnd;
import org.junit.jupiter.api.Test;

class EpochHistoryTest {

  private final EpochHistory history =
      EpochHistory.EMPTY.with(2, 0).with(2, 5).with(4, 10).with(7, 30);

  @Test
  void anEpochEndsWhereTheNextOneBegan() {
    assertThat(history.endOfEpoch(2, 7, 50)).isEqualTo(new EpochEnd(2, 10));
    assertThat(history.endOfEpoch(4, 7, 50)).isEqualTo(new EpochEnd(4, 30));
  }

  @Test
  void theCurrentEpochEndsWithTheLog() {
    assertThat(history.endOfEpoch(7, 7, 50)).isEqualTo(new EpochEnd(7, 50));
    assertThat(history.endOfEpoch(9, 9, 50)).isEqualTo(new EpochEnd(9, 50));
  }

  @Test
  void anEpochThatWroteNothingIsAnsweredWithTheOneBefore() {
    assertThat(history.endOfEpoch(5, 7, 50)).isEqualTo(new EpochEnd(4, 30));
    assertThat(history.endOfEpoch(8, 9, 50)).isEqualTo(new EpochEnd(7, 50));
  }

  @Test
  void anEpochBeforeTheFirstEndsWhereTheFirstBegan() {
    assertThat(history.endOfEpoch(1, 7, 50)).isEqualTo(new EpochEnd(1, 0));
  }

  @Test
  void anEpochOfTheFutureIsUnknown() {
    assertThat(history.endOfEpoch(8, 7, 50)).isEqualTo(EpochEnd.NONE);
  }

  @Test
  void theLogStartForgetsEpochsThatEndedBeforeIt() {
    var later = history.from(12);
    assertThat(later.endOfEpoch(4, 7, 50)).isEqualTo(new EpochEnd(4, 30));
    assertThat(later.endOfEpoch(2, 7, 50)).isEqualTo(new EpochEnd(2, 10));
    assertThat(later.count()).isEqualTo(2);
  }
}
