package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Node 0 asks whether it may take over from node 1. */
class CampaignTest {

  private static final long TERM = 5;
  private static final long ROUND = 1;
  private static final long OVER_NS = 100;
  private static final Set<Integer> LIVE = Set.of(0, 1, 2);
  private static final LogRecord RECORD =
      new LogRecord(
          new LogId(new UUID(0, 1)),
          List.of(0, 1, 2),
          2,
          List.of(replica(0), replica(1), replica(2)),
          List.of(),
          1,
          TERM,
          1);

  private final Campaign campaign = new Campaign(RECORD, replica(0), ROUND, OVER_NS);

  private static ReplicaId replica(int node) {
    return new ReplicaId(node, new UUID(1, node));
  }

  private void answers(int node, long endLsn) {
    campaign.onAnswer(
        node, new ReplicaMessage.ProbeAnswer(TERM, ROUND, replica(node), true, true, TERM, endLsn));
  }

  private Campaign.Advice advice(boolean isPatient, boolean needsAll) {
    return campaign.advice(new StillLog(1_000, TERM), LIVE, isPatient, needsAll, OVER_NS);
  }

  @Test
  void whoWasComparedWithALeaderGoesWithoutTheOneThatIsSilent() {
    answers(2, 1_000);
    assertThat(advice(true, false)).isEqualTo(Campaign.Advice.GO);
  }

  @Test
  void whoMayHaveLostItsLastGroupsWaitsForAllThatMayHaveThem() {
    answers(2, 1_000);
    assertThat(advice(true, true)).isEqualTo(Campaign.Advice.LEAVE_TO_OTHER);
    answers(1, 1_000);
    assertThat(advice(true, true)).isEqualTo(Campaign.Advice.GO);
  }

  @Test
  void whoMayHaveLostItsLastGroupsDoesNotWaitForEver() {
    answers(2, 1_000);
    assertThat(advice(false, true)).isEqualTo(Campaign.Advice.GO);
  }

  @Test
  void aLongerLogGoesFirst() {
    answers(1, 1_000);
    answers(2, 1_001);
    assertThat(advice(true, true)).isEqualTo(Campaign.Advice.LEAVE_TO_OTHER);
  }
}
