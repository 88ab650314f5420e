package io.tidelog.hot.leader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommitDelayTest {

  private static final long MAX_NS = 500_000;
  private static final long SYNC_NS = 200_000;

  private final CommitDelay delay = new CommitDelay(MAX_NS);

  @BeforeEach
  void syncsTakeAsLongAsEver() {
    for (int i = 0; i < 200; i++) {
      delay.onSynced(SYNC_NS);
    }
  }

  @Test
  void aLoneProducerNeverWaits() {
    assertThat(delay.delayNs(1, 0)).isZero();
  }

  @Test
  void whoeverCameDuringTheSyncWaitsForThoseItAnsweredUpToHalfASync() {
    assertThat(delay.delayNs(2, 2)).isBetween(SYNC_NS / 2 - 100, SYNC_NS / 2);
  }

  @Test
  void aSyncThatAnsweredNobodyIsFollowedByNoDelay() {
    assertThat(delay.delayNs(0, 4)).isZero();
  }

  @Test
  void noDelayIsLongerThanTheSetting() {
    for (int i = 0; i < 200; i++) {
      delay.onSynced(20_000_000);
    }
    assertThat(delay.delayNs(2, 2)).isEqualTo(MAX_NS);
    assertThat(new CommitDelay(0).delayNs(2, 2)).isZero();
  }

  @Test
  void aGroupThatIsLargeAnywayIsNotDelayed() {
    assertThat(delay.delayNs(10, 7)).isZero();
  }

  @Test
  void delaysInVainBecomeRarerUntilOneSucceeds() {
    int commits = 0;
    int delays = 0;
    while (commits++ < 10_000) {
      if (delay.delayNs(2, 2) > 0) {
        delays++;
        delay.onEnded(false);
      }
    }
    assertThat(delays).isLessThan(60);

    while (delay.delayNs(2, 2) == 0) {
      // the commits in between
    }
    delay.onEnded(true);
    assertThat(delay.delayNs(2, 2)).isPositive();
    delay.onEnded(false);
    assertThat(delay.delayNs(2, 2)).isZero();
    assertThat(delay.delayNs(2, 2)).isPositive();
  }
}
