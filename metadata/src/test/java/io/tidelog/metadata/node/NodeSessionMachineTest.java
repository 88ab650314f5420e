package io.tidelog.metadata.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeSessionMachineTest {

  private static final long MS = 1_000_000;
  private static final SessionLimits LIMITS = new SessionLimits(9000, 2000);
  private static final UUID SELF = new UUID(1, 1);

  private final NodeSessionMachine machine = new NodeSessionMachine(LIMITS, SELF);

  @Test
  void aLeaseIsCountedOnFromTheMomentItsRenewalWasSent() {
    register(0);
    var renew = (SessionStep.Renew) machine.decide(2000 * MS);
    machine.onRenewed(renew.id(), 9000); // answered much later: that counts for nothing
    assertThat(machine.isAlive((2000 + 8100) * MS - 1)).isTrue();
    assertThat(machine.isAlive((2000 + 8100) * MS)).isFalse();
  }

  @Test
  void aLostLeaseCostsAnotherOneAndTheSameRegistration() {
    register(0);
    var renew = (SessionStep.Renew) machine.decide(2000 * MS);
    machine.onLost(renew.id());
    assertThat(machine.isAlive(2000 * MS)).isFalse();
    var grant = (SessionStep.Grant) machine.decide(2001 * MS);
    machine.onGranted(grant.id(), 8);
    var register = (SessionStep.Register) machine.decide(2002 * MS);
    assertThat(register.lease()).isEqualTo(8);
    machine.onRegistered(register.id(), 20);
    assertThat(machine.isAlive(2003 * MS)).isTrue();
  }

  @Test
  void anAnswerToARequestGivenUpIsIgnored() {
    register(0);
    var late = (SessionStep.Renew) machine.decide(2000 * MS);
    var next = (SessionStep.Renew) machine.decide(4000 * MS);
    machine.onLost(late.id());
    machine.onRenewed(next.id(), 9000);
    assertThat(machine.isAlive(4001 * MS)).isTrue();
    assertThat(machine.lease()).isEqualTo(7);
  }

  @Test
  void oneThatTheStoreForgotRegistersAgainUnderItsLease() {
    register(0);
    assertThat(machine.onSeen(9, null)).as("a picture from before").isFalse();
    assertThat(machine.onSeen(11, null)).isTrue();
    assertThat(machine.isAlive(1 * MS)).isFalse();
    assertThat(machine.decide(1 * MS)).isInstanceOf(SessionStep.Register.class);
  }

  @Test
  void whoSeesAnotherProcessUnderItsIdEnds() {
    register(0);
    assertThat(machine.onSeen(11, node(new UUID(9, 9)))).isTrue();
    assertThat(machine.decide(1 * MS)).isInstanceOf(SessionStep.End.class);
    assertThat(machine.ended())
        .isInstanceOf(Fault.Fenced.class)
        .hasMessageContaining("node id 4")
        .hasMessageContaining("other:9094");
    assertThat(machine.isAlive(1 * MS)).isFalse();
  }

  @Test
  void anIdInUseIsWaitedForAndThenRefused() {
    long nowMs = 0;
    while (machine.ended() == null && nowMs < 60_000) {
      switch (machine.decide(nowMs * MS)) {
        case SessionStep.Grant grant -> machine.onGranted(grant.id(), 7);
        case SessionStep.Renew renew -> machine.onRenewed(renew.id(), 9000);
        case SessionStep.Register register ->
            machine.onOccupied(register.id(), node(new UUID(9, 9)), nowMs * MS);
        default -> nowMs += 100;
      }
    }
    assertThat(nowMs).isBetween(27_000L, 28_000L);
    assertThat(machine.ended()).isInstanceOf(Fault.Fenced.class);
  }

  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  /** A store with slow and lost answers; a lease lasts from when the store heard of it. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void noNodeCountsItselfAliveWhenItsLeaseHasRunOut(int seed) {
    var random = new Random(seed);
    long nowMs = 0;
    long lease = 0;
    long endsMs = 0;
    int alive = 0;
    for (int step = 0; step < 400; step++) {
      if (machine.isAlive(nowMs * MS)) {
        alive++;
        assertThat(nowMs).as("seed %d step %d", seed, step).isLessThan(endsMs);
      }
      var todo = machine.decide(nowMs * MS);
      nowMs += random.nextInt(12) == 0 ? random.nextInt(6000) : random.nextInt(50);
      boolean heard = random.nextInt(8) != 0;
      boolean answered = heard && random.nextInt(8) != 0;
      if (heard) {
        boolean held = lease != 0 && nowMs < endsMs;
        switch (todo) {
          case SessionStep.Grant grant -> {
            lease++;
            endsMs = nowMs + 9000;
            if (answered) {
              machine.onGranted(grant.id(), lease);
            }
          }
          case SessionStep.Renew renew -> {
            boolean renewed = held && renew.lease() == lease;
            endsMs = renewed ? nowMs + 9000 : endsMs;
            if (answered && renewed) {
              machine.onRenewed(renew.id(), 9000);
            } else if (answered) {
              machine.onLost(renew.id());
            }
          }
          case SessionStep.Register register -> {
            if (answered && held && register.lease() == lease) {
              machine.onRegistered(register.id(), step);
            } else if (answered) {
              machine.onLost(register.id());
            }
          }
          default -> nowMs += 200;
        }
      }
    }
    assertThat(alive).as("seed %d: steps it was alive for", seed).isPositive();
  }

  private void register(long nowNs) {
    var grant = (SessionStep.Grant) machine.decide(nowNs);
    machine.onGranted(grant.id(), 7);
    var register = (SessionStep.Register) machine.decide(nowNs);
    machine.onRegistered(register.id(), 10);
  }

  private static NodeRegistration node(UUID incarnation) {
    var at = new Endpoint("other", 9094);
    return new NodeRegistration(
        4, Set.of(NodeRole.GATEWAY), at, at, null, null, incarnation, null, false);
  }
}
