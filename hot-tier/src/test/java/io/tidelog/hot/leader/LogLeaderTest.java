package io.tidelog.hot.leader;

import static io.tidelog.hot.view.ViewFixture.PLAIN;
import static io.tidelog.hot.view.ViewFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.ProducerLimits;
import io.tidelog.hot.view.TestBatch;
import io.tidelog.hot.view.ViewFixture;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogLeaderTest {

  private static final int FRAME_BYTES = 1_000;

  private final ViewFixture log = new ViewFixture();
  private LogLeader leader;

  @BeforeEach
  void openOnePartition() {
    log.open(0, PLAIN);
    leader = new LogLeader(log.view, 1, new LeaderLimits(FRAME_BYTES, 4_000));
  }

  private AppendDecision append(TestBatch batch) {
    return append(batch.bytes(), AppendRequest.ANY_OFFSET);
  }

  private AppendDecision append(ByteBuffer records, long expectedOffset) {
    return leader.decideAppend(partition(0), records, expectedOffset, log.timeMs);
  }

  private AppendDecision.Accept accept(TestBatch batch) {
    var decision = append(batch);
    assertThat(decision).isInstanceOf(AppendDecision.Accept.class);
    return (AppendDecision.Accept) decision;
  }

  private void commit(AppendDecision.Accept accepted) {
    var records = new AppendedRecords(accepted.partitionRef(), 1, log.timeMs, accepted.batches());
    log.view.apply(records, log.place());
    leader.onCommitted(records);
  }

  private static void assertRejected(AppendDecision decision, Refusal refusal) {
    assertThat(decision)
        .isInstanceOfSatisfying(
            AppendDecision.Reject.class, r -> assertThat(r.refusal()).isEqualTo(refusal));
  }

  private Frame write(ControlDecision decision) {
    assertThat(decision).isInstanceOf(ControlDecision.Write.class);
    return ((ControlDecision.Write) decision).frame().at(1, log.timeMs);
  }

  private void commit(Frame frame) {
    log.apply(frame);
    leader.onCommitted(frame);
  }

  @Test
  void offsetsAreGivenOutBeforeAnythingIsCommitted() {
    assertThat(accept(TestBatch.of(3)).baseOffset()).isZero();
    assertThat(accept(TestBatch.of(2)).baseOffset()).isEqualTo(3);
    assertThat(log.get(0).nextOffset()).isZero();
    assertThat(leader.logEndOffset(log.get(0))).isEqualTo(5);
  }

  @Test
  void offsetAndLeaderEpochAreStampedIntoTheBatch() {
    accept(TestBatch.of(3));
    var records = TestBatch.of(2).bytes();
    append(records, AppendRequest.ANY_OFFSET);
    var stamped = BatchHeader.read(records, 0);
    assertThat(stamped.baseOffset()).isEqualTo(3);
    assertThat(stamped.leaderEpoch()).isEqualTo(1);
  }

  @Test
  void batchesOfOneRequestFollowOneAnother() {
    var first = TestBatch.of(3).bytes();
    var second = TestBatch.of(2).bytes();
    var both = ByteBuffer.allocate(first.remaining() + second.remaining());
    both.put(first).put(second).flip();
    append(both, AppendRequest.ANY_OFFSET);
    assertThat(BatchHeader.read(both, first.limit()).baseOffset()).isEqualTo(3);
  }

  @Test
  void anotherOffsetThanTheExpectedOneChangesNothing() {
    var records = TestBatch.of(1).bytes();
    assertRejected(append(records, 4), Refusal.OFFSET_OUT_OF_RANGE);
    assertThat(append(records, 0)).isInstanceOf(AppendDecision.Accept.class);
  }

  @Test
  void aRetryIsADuplicateEvenBeforeTheOriginalIsCommitted() {
    var original = accept(TestBatch.of(3).from(7, 0, 0));
    assertThat(append(TestBatch.of(3).from(7, 0, 0)))
        .isEqualTo(new AppendDecision.Duplicate(0, false));
    commit(original);
    assertThat(append(TestBatch.of(3).from(7, 0, 0)))
        .isEqualTo(new AppendDecision.Duplicate(0, true));
  }

  @Test
  void sequencesAreCheckedAgainstWhatWasGivenOut() {
    var first = accept(TestBatch.of(3).from(7, 0, 0));
    var second = accept(TestBatch.of(1).from(7, 0, 3));
    assertRejected(append(TestBatch.of(1).from(7, 0, 5)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
    commit(first);
    assertThat(append(TestBatch.of(1).from(7, 0, 3)))
        .isEqualTo(new AppendDecision.Duplicate(3, false));
    commit(second);
    accept(TestBatch.of(1).from(7, 0, 4));
  }

  /** Its first batch was refused while nobody led, and comes again. */
  @Test
  void theSecondBatchOfANewProducerIsNotTakenBeforeTheFirst() {
    assertRejected(append(TestBatch.of(1).from(7, 0, 3)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
    accept(TestBatch.of(3).from(7, 0, 0));
    accept(TestBatch.of(1).from(7, 0, 3));
  }

  @Test
  void aProducerThatHasExpiredGoesOnWhereItWas() {
    commit(accept(TestBatch.of(3).from(7, 0, 0)));
    log.timeMs += ProducerLimits.DEFAULT.expirationMs();
    accept(TestBatch.of(1).from(7, 0, 3));
  }

  @Test
  void aProducerThatIsForgottenGoesOnWhereItWas() {
    commit(accept(TestBatch.of(3).from(7, 0, 0)));
    log.timeMs += ProducerLimits.DEFAULT.expirationMs();
    commit(accept(TestBatch.of(1).from(8, 0, 0)));
    accept(TestBatch.of(1).from(7, 0, 3));
    assertRejected(append(TestBatch.of(1).from(9, 0, 3)), Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  @Test
  void aRefusedRequestLeavesNoTrace() {
    var good = TestBatch.of(1).bytes();
    var bad = TestBatch.of(1).transactional().bytes();
    var both = ByteBuffer.allocate(good.remaining() + bad.remaining()).put(good).put(bad).flip();
    assertRejected(append(both, AppendRequest.ANY_OFFSET), Refusal.INVALID_TXN_STATE);
    assertThat(accept(TestBatch.of(1).from(7, 0, 0)).baseOffset()).isZero();
  }

  @Test
  void afterAFailedWriteOffsetsAndSequencesAreGivenOutAgain() {
    var written = accept(TestBatch.of(3).from(7, 0, 0));
    accept(TestBatch.of(2).from(7, 0, 3));
    leader.forgetPending();
    leader.onStillPending(
        new AppendedRecords(written.partitionRef(), 1, log.timeMs, written.batches()));

    assertThat(append(TestBatch.of(3).from(7, 0, 0)))
        .isEqualTo(new AppendDecision.Duplicate(0, false));
    assertThat(accept(TestBatch.of(2).from(7, 0, 3)).baseOffset()).isEqualTo(3);
  }

  @Test
  void transactionalBatchesAreRefused() {
    assertRejected(
        append(TestBatch.of(1).from(7, 0, 0).transactional()), Refusal.INVALID_TXN_STATE);
  }

  @Test
  void aBatchThatFitsIntoNoFrameIsRefused() {
    assertRejected(append(TestBatch.of(1).recordBytes(FRAME_BYTES)), Refusal.MESSAGE_TOO_LARGE);
  }

  @Test
  void aPartitionThatIsNotOpenIsRefused() {
    assertRejected(
        leader.decideAppend(partition(4), TestBatch.of(1).bytes(), -1, log.timeMs),
        Refusal.NOT_LEADER_OR_FOLLOWER);
  }

  @Test
  void tooManyPendingBytesOfADelayedPartitionAreRefused() {
    int size = TestBatch.of(1).bytes().remaining();
    log.open(1, new PartitionConfig(-1, -1, -2, -2, false, true, 500, 2L * size));
    assertThat(leader.decideAppend(partition(1), TestBatch.of(1).bytes(), -1, 1))
        .isInstanceOf(AppendDecision.Accept.class);
    assertThat(leader.decideAppend(partition(1), TestBatch.of(1).bytes(), -1, 1))
        .isInstanceOf(AppendDecision.Accept.class);
    assertRejected(
        leader.decideAppend(partition(1), TestBatch.of(1).bytes(), -1, 1),
        Refusal.POLICY_VIOLATION);
  }

  @Test
  void aPartitionIsOpenedOnce() {
    var spec = new PartitionSpec(partition(1), 0, PLAIN);
    var open = write(leader.decideOpen(spec));
    assertThat(leader.decideOpen(spec)).isInstanceOf(ControlDecision.Holds.class);
    commit(open);
    assertThat(leader.decideOpen(spec)).isInstanceOf(ControlDecision.Holds.class);
    assertThat(log.get(1).id()).isEqualTo(partition(1));
  }

  @Test
  void theLastSettingsWinHoweverTheyAreInFlight() {
    var other = ViewFixture.delayed(5);
    var first = write(leader.decideConfigure(partition(0), other));
    assertThat(leader.decideConfigure(partition(0), other))
        .isInstanceOf(ControlDecision.Holds.class);
    var second = write(leader.decideConfigure(partition(0), PLAIN));
    commit(first);
    commit(second);
    assertThat(log.get(0).config()).isEqualTo(PLAIN);
    assertThat(leader.decideConfigure(partition(0), PLAIN))
        .isInstanceOf(ControlDecision.Holds.class);
  }

  @Test
  void settingsThatAreOnTheirWayAreNotTakenForTheLastOnes() {
    var other = ViewFixture.delayed(5);
    var first = write(leader.decideConfigure(partition(0), other));
    var second = write(leader.decideConfigure(partition(0), PLAIN));
    var third = write(leader.decideConfigure(partition(0), other));
    commit(first);
    commit(second);
    var last = write(leader.decideConfigure(partition(0), PLAIN));
    commit(third);
    commit(last);
    assertThat(log.get(0).config()).isEqualTo(PLAIN);
  }

  @Test
  void aPartitionBeingClosedTakesNothingAndMayBeOpenedAfterwards() {
    var close = write(leader.decideClose(partition(0)));
    assertRejected(append(TestBatch.of(1)), Refusal.NOT_LEADER_OR_FOLLOWER);
    assertThat(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)))
        .isInstanceOfSatisfying(
            ControlDecision.Deny.class,
            deny -> assertThat(deny.fault()).isInstanceOf(Fault.Retriable.class));
    commit(close);
    commit(write(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN))));
    accept(TestBatch.of(1));
  }

  @Test
  void theLogStartNeverPassesTheVisibleEnd() {
    log.open(1, ViewFixture.delayed(500));
    log.append(1, TestBatch.of(3));
    assertThat(leader.decideLogStart(partition(1), 1, log.timeMs))
        .isInstanceOf(ControlDecision.Deny.class);
    assertThat(leader.decideLogStart(partition(1), -1, log.timeMs))
        .isInstanceOf(ControlDecision.Holds.class);
    assertThat(write(leader.decideLogStart(partition(1), -1, log.timeMs + 500)))
        .isInstanceOfSatisfying(
            Frame.LogStart.class, start -> assertThat(start.logStartOffset()).isEqualTo(3));
  }

  @Test
  void anObjectOfAnOldTermIsFenced() {
    log.append(0, TestBatch.of(1));
    var object = log.object(0, log.lsn());
    assertThat(leader.decideColdCommit(object)).isInstanceOf(ControlDecision.Write.class);
    var later = new LogLeader(log.view, 2, new LeaderLimits(FRAME_BYTES, 4_000));
    assertThat(later.decideColdCommit(object))
        .isInstanceOfSatisfying(
            ControlDecision.Deny.class,
            deny -> assertThat(deny.fault()).isInstanceOf(Fault.Fenced.class));
  }

  @Test
  void anObjectCommittedBeforeNeedsNoFrame() {
    log.append(0, TestBatch.of(1));
    long end = log.lsn();
    var object = log.object(0, end);
    log.roll();
    log.offload(0, end);
    assertThat(leader.decideColdCommit(object)).isInstanceOf(ControlDecision.Holds.class);
  }

  @Test
  void batchesOfAnIdempotentProducerComeOneInARequest() {
    accept(TestBatch.of(1).from(9, 0, 0));
    var known = TestBatch.of(1).from(9, 0, 0).bytes();
    var next = TestBatch.of(1).from(9, 0, 1).bytes();
    var both = ByteBuffer.allocate(known.remaining() + next.remaining()).put(known).put(next);
    assertRejected(append(both.flip(), AppendRequest.ANY_OFFSET), Refusal.INVALID_RECORD);
    assertThat(accept(TestBatch.of(1).from(9, 0, 1)).baseOffset()).isEqualTo(1);
  }

  @Test
  void aRequestLargerThanAFrameIsRefused() {
    var batch = TestBatch.of(1).recordBytes(600).bytes();
    var both = ByteBuffer.allocate(2 * batch.remaining()).put(batch.duplicate()).put(batch);
    assertRejected(append(both.flip(), AppendRequest.ANY_OFFSET), Refusal.RECORD_LIST_TOO_LARGE);
  }

  @Test
  void aBatchThatSaysItHasMoreRecordsThanAFrameCountsIsRefused() {
    var batch = TestBatch.of(1).bytes();
    batch.putInt(23, Integer.MAX_VALUE);
    assertRejected(append(batch, AppendRequest.ANY_OFFSET), Refusal.INVALID_RECORD);
  }
}
