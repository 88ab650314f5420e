package io.tidelog.hot.leader;

import static io.tidelog.hot.view.ViewFixture.PLAIN;
import static io.tidelog.hot.view.ViewFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.TestBatch;
import io.tidelog.hot.view.ViewFixture;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MoveLeaderTest {

  private static final long MOVE = 12;
  private static final ImportedHistory EMPTY = new ImportedHistory(PLAIN, 0, List.of());

  private final ViewFixture log = new ViewFixture();
  private final LogLeader leader = new LogLeader(log.view, 1, new LeaderLimits(1_000, 4_000));
  private final MoveLeader moves = leader.moves();

  private Frame write(ControlDecision decision) {
    assertThat(decision).isInstanceOf(ControlDecision.Write.class);
    return ((ControlDecision.Write) decision).frame().at(1, log.timeMs);
  }

  private void commit(ControlDecision decision) {
    var frame = write(decision);
    log.apply(frame);
    leader.onCommitted(frame);
  }

  private void commitRecords(ControlDecision decision) {
    assertThat(decision).isInstanceOf(ControlDecision.WriteRecords.class);
    var accept = ((ControlDecision.WriteRecords) decision).accept();
    var records = new AppendedRecords(accept.partitionRef(), 1, log.timeMs, accept.batches());
    log.view.apply(records, log.place());
    leader.onCommitted(records);
  }

  private static void assertPassing(ControlDecision decision) {
    assertThat(decision)
        .isInstanceOfSatisfying(
            ControlDecision.Deny.class,
            deny -> assertThat(deny.fault()).isInstanceOf(Fault.Retriable.class));
  }

  private static void assertTooLarge(ControlDecision decision) {
    assertThat(decision)
        .isInstanceOfSatisfying(
            ControlDecision.Deny.class,
            deny -> assertThat(deny.fault()).isInstanceOf(Fault.Refused.class));
  }

  private AppendDecision append() {
    return leader.decideAppend(
        partition(0), TestBatch.of(1).bytes(), AppendRequest.ANY_OFFSET, log.timeMs);
  }

  private void assertRefused() {
    assertThat(append())
        .isInstanceOfSatisfying(
            AppendDecision.Reject.class,
            reject -> assertThat(reject.refusal()).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER));
  }

  private static ImportedState state() {
    return new ImportedState(PLAIN, 0, 0, -1, List.of(), List.of(), null);
  }

  @Test
  void nothingIsTakenBehindAFrameThatClosesAlthoughItIsNotCommitted() {
    log.open(0, PLAIN);
    var close = write(moves.decideStep(partition(0), MOVE, Step.CLOSE));
    assertRefused();
    assertThat(leader.decideLogStart(partition(0), 0, log.timeMs))
        .isInstanceOf(ControlDecision.Deny.class);
    assertPassing(moves.decideStep(partition(0), MOVE, Step.CLOSE));

    log.apply(close);
    leader.onCommitted(close);
    assertRefused();
    assertPassing(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)));
    assertPassing(leader.decideConfigure(partition(0), ViewFixture.delayed(5)));

    commit(moves.decideStep(partition(0), MOVE, Step.REOPEN));
    assertThat(append()).isInstanceOf(AppendDecision.Accept.class);
  }

  /** They were given out before, and are in front of it. */
  @Test
  void recordsThatAreCommittedMeanwhileDoNotOpenWhatIsAboutToBeClosed() {
    log.open(0, PLAIN);
    var accepted = (AppendDecision.Accept) append();
    write(moves.decideStep(partition(0), MOVE, Step.CLOSE));
    var records = new AppendedRecords(accepted.partitionRef(), 1, log.timeMs, accepted.batches());
    log.view.apply(records, log.place());
    leader.onCommitted(records);
    assertRefused();
  }

  @Test
  void aFrameThatWasNotWrittenClosesNothing() {
    log.open(0, PLAIN);
    var close = write(moves.decideStep(partition(0), MOVE, Step.CLOSE));
    leader.forgetPending();
    assertThat(append()).isInstanceOf(AppendDecision.Accept.class);
    leader.onStillPending(close);
    assertRefused();
  }

  @Test
  void whoeverHasATailWithAFrameThatClosesTakesNothingEither() {
    log.open(0, PLAIN);
    var close = write(moves.decideStep(partition(0), MOVE, Step.CLOSE));
    var next = new LogLeader(log.view, 2, new LeaderLimits(1_000, 4_000));
    next.onStillPending(close);
    var decision =
        next.decideAppend(
            partition(0), TestBatch.of(1).bytes(), AppendRequest.ANY_OFFSET, log.timeMs);
    assertThat(decision).isInstanceOf(AppendDecision.Reject.class);
  }

  @Test
  void aPartitionComesInAndIsOpenedByItsMoveOnly() {
    var begin = write(moves.decideBegin(partition(0), MOVE, EMPTY));
    assertPassing(moves.decideBegin(partition(0), MOVE, EMPTY));
    assertPassing(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)));
    log.apply(begin);
    leader.onCommitted(begin);
    assertPassing(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)));
    assertRefused();

    commitRecords(moves.decideImport(partition(0), MOVE, TestBatch.of(3).bytesAt(0)));
    commitRecords(moves.decideImport(partition(0), MOVE, TestBatch.of(2).bytesAt(3)));
    assertThat(log.get(0).standing()).isEqualTo(new MoveStanding.Importing(MOVE, 5));
    commit(moves.decideEnd(partition(0), MOVE, state()));
    assertPassing(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)));
    commit(moves.decideOpen(partition(0), MOVE, 4));
    assertThat(((AppendDecision.Accept) append()).baseOffset()).isEqualTo(5);
    assertThat(log.get(0).epochIn(1)).isEqualTo(5);
  }

  /** Who reconciles may have an older picture than the move. */
  @Test
  void aPartitionThatHasLeftIsNotOpenedAnewAndMayComeBack() {
    commit(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)));
    commit(moves.decideStep(partition(0), MOVE, Step.CLOSE));
    commit(moves.decideStep(partition(0), MOVE, Step.RELEASE));
    assertPassing(leader.decideOpen(new PartitionSpec(partition(0), 0, PLAIN)));
    commit(moves.decideBegin(partition(0), MOVE + 1, EMPTY));
    commit(moves.decideEnd(partition(0), MOVE + 1, state()));
    commit(moves.decideOpen(partition(0), MOVE + 1, 0));
    assertThat(append()).isInstanceOf(AppendDecision.Accept.class);
  }

  @Test
  void onlyWholeBatchesThatFollowAreTakenIn() {
    commit(moves.decideBegin(partition(0), MOVE, EMPTY));
    assertPassing(moves.decideImport(partition(0), MOVE, TestBatch.of(3).bytesAt(1)));
    assertPassing(moves.decideImport(partition(0), MOVE + 1, TestBatch.of(3).bytesAt(0)));
    assertPassing(moves.decideImport(partition(0), MOVE, ByteBuffer.allocate(0)));
    var cut = TestBatch.of(3).bytesAt(0);
    assertPassing(moves.decideImport(partition(0), MOVE, cut.limit(cut.limit() - 1)));
    assertPassing(moves.decideImport(partition(0), MOVE, ByteBuffer.allocate(200)));
    var huge = TestBatch.of(3).recordBytes(400).bytesAt(0);
    assertTooLarge(moves.decideImport(partition(0), MOVE, huge));
    commitRecords(moves.decideImport(partition(0), MOVE, TestBatch.of(3).bytesAt(0)));
  }

  @Test
  void whatFitsInNoFrameIsRefused() {
    var epochs = new java.util.ArrayList<ImportedState.EpochStart>();
    for (int i = 0; i < 200; i++) {
      epochs.add(new ImportedState.EpochStart(i, i));
    }
    commit(moves.decideBegin(partition(0), MOVE, EMPTY));
    assertTooLarge(
        moves.decideEnd(
            partition(0), MOVE, new ImportedState(PLAIN, 0, 0, -1, epochs, List.of(), null)));
  }

  @Test
  void aReferenceIsNotGivenTwiceWhenAnImportBegins() {
    var begin = (Frame.ImportBegin) write(moves.decideBegin(partition(0), MOVE, EMPTY));
    var open =
        (Frame.PartitionOpen) write(leader.decideOpen(new PartitionSpec(partition(1), 0, PLAIN)));
    assertThat(open.partitionRef()).isEqualTo(begin.partitionRef() + 1);
    leader.forgetPending();
    leader.onStillPending(begin);
    assertThat(write(leader.decideOpen(new PartitionSpec(partition(1), 0, PLAIN))).partitionRef())
        .isEqualTo(begin.partitionRef() + 1);
  }

  @Test
  void needsThatChangeNothingAreNotWritten() {
    assertThat(moves.decideNeeds(partition(0), MOVE, List.of()))
        .isInstanceOf(ControlDecision.Holds.class);
    log.open(0, PLAIN);
    log.append(0, TestBatch.of(1));
    log.roll();
    log.offload(0, log.segmentBaseLsn);
    commit(moves.decideStep(partition(0), MOVE, Step.CLOSE));
    commit(moves.decideStep(partition(0), MOVE, Step.RELEASE));
    assertThat(moves.decideNeeds(partition(0), MOVE, List.of(0L)))
        .isInstanceOf(ControlDecision.Holds.class);
    assertThat(moves.decideNeeds(partition(0), MOVE - 1, List.of()))
        .isInstanceOf(ControlDecision.Holds.class);
    commit(moves.decideNeeds(partition(0), MOVE, List.of()));
    assertThat(log.view.coveredSegments().keys()).isEmpty();
  }
}
