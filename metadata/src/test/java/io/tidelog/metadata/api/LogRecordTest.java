package io.tidelog.metadata.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogRecordTest {

  private static final LogId LOG = new LogId(new UUID(1, 1));
  private static final ReplicaId A = new ReplicaId(1, new UUID(0, 1));
  private static final ReplicaId B = new ReplicaId(2, new UUID(0, 2));
  private static final ReplicaId C = new ReplicaId(3, new UUID(0, 3));
  private static final ReplicaId D = new ReplicaId(4, new UUID(0, 4));
  private static final LogRecord THREE =
      new LogRecord(LOG, List.of(1, 2, 3), 2, List.of(A, B, C), List.of(), 1, 5, 9);

  @Test
  void whoTakesOverLeavesTheOldLeaderBehind() {
    var next = THREE.takenOverBy(B, 6);
    assertThat(next.leader()).isEqualTo(2);
    assertThat(next.term()).isEqualTo(6);
    assertThat(next.inSync()).containsExactly(B, C);
    assertThat(next.electable()).isEmpty();
    assertThat(next.modRevision()).isEqualTo(9);
  }

  @Test
  void anOldLeaderWithoutWhomTheSetIsTooSmallStaysElectable() {
    var two = THREE.shrunkBy(Set.of(C)).takenOverBy(B, 6);
    assertThat(two.inSync()).containsExactly(B);
    assertThat(two.electable()).containsExactly(A);
    assertThat(two.commits()).isFalse();
    assertThat(two.mayLead(A)).isTrue();
    assertThat(two.mayLead(C)).isFalse();
  }

  @Test
  void aLeaderMayBeginAnotherTermByItself() {
    var again = THREE.takenOverBy(A, 6);
    assertThat(again.inSync()).containsExactly(A, B, C);
    assertThat(again.leader()).isEqualTo(1);
  }

  @Test
  void anElectableOneLeadsAloneAndTheOthersStayElectable() {
    var alone = THREE.shrunkBy(Set.of(C)).takenOverBy(B, 6).takenOverBy(A, 7);
    assertThat(alone.inSync()).containsExactly(A);
    assertThat(alone.electable()).containsExactly(B);
  }

  @Test
  void nobodyElseTakesOverAndNoTermIsUsedTwice() {
    assertThatThrownBy(() -> THREE.takenOverBy(D, 6)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> THREE.takenOverBy(B, 5)).isInstanceOf(IllegalArgumentException.class);
    var wiped = new ReplicaId(2, new UUID(0, 22));
    assertThatThrownBy(() -> THREE.takenOverBy(wiped, 6))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSetThatIsLargeEnoughAgainForgetsWhoWasElectable() {
    var small = THREE.shrunkBy(Set.of(C)).shrunkBy(Set.of(B));
    assertThat(small.electable()).containsExactly(B);
    assertThat(small.grownBy(C).electable()).isEmpty();
    assertThat(small.grownBy(C).commits()).isTrue();
  }

  @Test
  void aNodeThatComesBackWithAnotherDiskReplacesTheOldOne() {
    var wiped = new ReplicaId(3, new UUID(0, 33));
    assertThat(THREE.grownBy(wiped).inSync()).containsExactly(A, B, wiped);
    assertThat(THREE.grownBy(wiped).mayLead(C)).isFalse();
  }

  @Test
  void aLeaderNeverShrinksItselfAway() {
    assertThatThrownBy(() -> THREE.shrunkBy(Set.of(A)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> THREE.shrunkBy(Set.of(A, B, C)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoHandsTheLeadOverStaysInSync() {
    var next = THREE.handedTo(B, 6);
    assertThat(next.leader()).isEqualTo(2);
    assertThat(next.term()).isEqualTo(6);
    assertThat(next.inSync()).containsExactly(A, B, C);
    // It was not there after all: the old leader takes the lead back.
    assertThat(next.takenOverBy(A, 7).inSync()).containsExactly(A, C);
    assertThatThrownBy(() -> THREE.handedTo(D, 6)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> THREE.handedTo(B, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void otherReplicasAreAWishThatChangesNobodysStanding() {
    var moved = THREE.heldBy(List.of(4, 2, 3));
    assertThat(moved.inSync()).containsExactly(A, B, C);
    assertThat(moved.leader()).isEqualTo(1);
    assertThatThrownBy(() -> THREE.heldBy(List.of(4))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> THREE.heldBy(List.of(4, 4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static IntStream seeds() {
    return IntStream.range(0, 400);
  }

  /** Replicas that append, copy, come and go; whoever may lead has all that was committed. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whoeverMayLeadHasAllThatIsCommitted(int seed) {
    new LogRecordWalk(seed).walk(300);
  }
}
