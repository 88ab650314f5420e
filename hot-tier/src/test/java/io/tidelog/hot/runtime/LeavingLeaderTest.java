package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendResult;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.view.TestBatch;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A leader whose process is about to stop, when another one leads. */
class LeavingLeaderTest {

  private final Random random = new Random(22);
  private final SteppedReplica one = new SteppedReplica(LogCrashTest.SMALL, random);
  private final SteppedReplica two = new SteppedReplica(LogCrashTest.SMALL, random);

  private static TestBatch batch(int sequence) {
    return TestBatch.of(2).recordBytes(200).from(1, 0, sequence);
  }

  @Test
  void answersEverybodyAndLeavesAllThatIsWrittenOnStableStorage() {
    one.await(one.leadAlone(1));
    one.open(0);
    two.followWholly(one);
    one.driver.onReplicas(two.replica.syncedLsn());
    one.settle();
    var written = one.send(0, batch(0).bytes(), Acks.ALL);
    one.settleLane();
    var gathered = one.send(0, batch(2).bytes(), Acks.ALL);
    one.settleLane();
    long commitLsn = one.driver.commitLsn();
    long endLsn = one.replica.endLsn();
    assertThat(one.replica.syncedLsn()).isLessThan(endLsn);

    var left = one.driver.leave();

    assertThat(written.get()).isInstanceOf(AppendResult.Uncertain.class);
    assertThat(gathered.get())
        .isInstanceOfSatisfying(
            AppendResult.Refused.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER));
    assertThat(left.toCompletableFuture()).isNotDone();
    one.await(left);
    assertThat(one.replica.hasEndedClean()).isTrue();
    assertThat(one.driver.leave()).isSameAs(left);
    assertThat(one.replica.stop().toCompletableFuture()).isDone();

    one.crash(CopyStanding.COUNTED);
    assertThat(one.replica.endLsn()).isEqualTo(endLsn);
    assertThat(one.replica.commitLsn()).isEqualTo(commitLsn);
  }
}
