package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectionFaultLogTest {

  private final ConnectionFaultLog log = new ConnectionFaultLog();

  @Test
  void aReasonIsToldOnceHoweverOftenItIsMet() {
    assertThat(log.onFault("refused", "node=2", "another cluster")).isTrue();
    assertThat(log.onFault("refused", "node=2", "another cluster")).isFalse();
    assertThat(log.onFault("refused", "node=3", "another cluster")).isTrue();
    assertThat(log.onFault("refused", "node=2", "another cluster")).isFalse();
  }

  @Test
  void itIsToldAgainWhenItChangesOrWorkedInBetween() {
    assertThat(log.onFault("refused", "node=2", "another cluster")).isTrue();
    assertThat(log.onFault("refused", "node=2", "another node")).isTrue();
    log.onSuccess("node=2");
    assertThat(log.onFault("refused", "node=2", "another node")).isTrue();
  }

  @Test
  void whoMakesUpNamesTakesNoMoreMemory() {
    for (int i = 0; i < 10_000; i++) {
      log.onFault("refused", "node=" + i, "another cluster");
    }
    assertThat(log.size()).isLessThanOrEqualTo(1_000);
  }
}
