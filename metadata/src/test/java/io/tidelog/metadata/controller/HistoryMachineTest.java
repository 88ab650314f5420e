package io.tidelog.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.controller.ControllerDecision.ForgetHistory;
import org.junit.jupiter.api.Test;

class HistoryMachineTest {

  private static final long INTERVAL_NS = 300;

  private final HistoryMachine machine = new HistoryMachine(INTERVAL_NS);

  @Test
  void whatWasSupersededIsKeptForAtLeastTheInterval() {
    assertThat(machine.decide(10, 1_000)).isEmpty();
    assertThat(machine.decide(20, 1_299)).isEmpty();
    assertThat(machine.decide(20, 1_300)).contains(new ForgetHistory(10));
    assertThat(machine.decide(30, 1_599)).isEmpty();
    assertThat(machine.decide(30, 1_650)).contains(new ForgetHistory(20));
  }

  @Test
  void aStoreInWhichNothingChangesIsLeftAlone() {
    machine.decide(10, 1_000);
    assertThat(machine.decide(10, 1_300)).contains(new ForgetHistory(10));
    assertThat(machine.decide(10, 1_600)).isEmpty();
    assertThat(machine.decide(11, 1_900)).isEmpty();
    assertThat(machine.decide(11, 2_200)).contains(new ForgetHistory(11));
  }

  @Test
  void aNewControllerWaitsAnIntervalFirst() {
    machine.decide(10, 1_000);
    machine.reset();
    assertThat(machine.decide(20, 1_300)).isEmpty();
    assertThat(machine.decide(20, 1_600)).contains(new ForgetHistory(20));
  }

  @Test
  void anOperatorMayLeaveItToEtcd() {
    var never = new HistoryMachine(HistoryMachine.NEVER);
    assertThat(never.decide(10, 1_000)).isEmpty();
    assertThat(never.decide(20, Long.MAX_VALUE)).isEmpty();
  }
}
