package io.tidelog.hot.view;

import static io.tidelog.hot.view.ViewFixture.PLAIN;
import static io.tidelog.hot.view.ViewFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.move.MoveStanding;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A partition that goes from one log's view to another's, by the frames of a move. */
class MovedPartitionTest {

  private static final LogId OTHER = new LogId(new UUID(8, 8));
  private static final long MOVE = 40;

  private final ViewFixture source = new ViewFixture();
  private final ViewFixture target = new ViewFixture(OTHER, ProducerLimits.DEFAULT);

  /** Two records offloaded, three not; a producer; the log start within the first batch. */
  private PartitionView filled(PartitionConfig config) {
    var partition = source.open(0, config);
    source.append(0, TestBatch.of(2).from(5, 0, 0).at(70));
    long end = source.lsn();
    source.roll();
    source.append(0, TestBatch.of(3).from(5, 0, 2).at(90));
    source.offload(0, end);
    source.logStart(0, 1);
    return partition;
  }

  private void begin() {
    var history = source.view.history(source.get(0));
    target.apply(
        new Frame.ImportBegin(
            1, 1_000, target.view.nextPartitionRef(), partition(0), MOVE, history));
  }

  private void copyTail() {
    target.append(0, TestBatch.of(3).from(5, 0, 2).at(90));
  }

  private void step(ViewFixture log, Step step) {
    log.apply(new Frame.MoveStep(log.term, log.timeMs, log.get(0).ref(), MOVE, step));
  }

  private void end() {
    var state = source.view.state(source.get(0));
    target.apply(new Frame.ImportEnd(1, 1_000, target.get(0).ref(), MOVE, state));
  }

  private void open(int baseEpoch) {
    target.apply(new Frame.MoveOpen(1, 1_000, target.get(0).ref(), MOVE, baseEpoch));
  }

  private void move() {
    begin();
    copyTail();
    step(source, Step.CLOSE);
    end();
    open(7);
    step(source, Step.RELEASE);
  }

  @Test
  void whatIsMovedIsAsItWas() {
    var was = filled(PLAIN);
    long bytes = was.totalBytes();
    move();

    var moved = target.get(0);
    assertThat(moved.standing()).isEqualTo(new MoveStanding.Open());
    assertThat(moved.logStartOffset()).isEqualTo(1);
    assertThat(moved.nextOffset()).isEqualTo(5);
    assertThat(moved.totalBytes()).isEqualTo(bytes);
    assertThat(moved.runRetainFromMs(0)).isEqualTo(70);
    assertThat(moved.tieredEndOffset(target.view.coldEndLsn())).isEqualTo(2);
    assertThat(moved.epochIn(1)).isEqualTo(8);
    assertThat(moved.epochs().epochOf(4)).isEqualTo(1);
    assertThat(target.view.producers().saved(moved.ref())).hasSize(1);
    assertThat(source.view.find(partition(0))).isNull();
  }

  @Test
  void whatIsInTheColdTierIsFoundInTheObjectsOfTheOtherLog() {
    filled(PLAIN);
    move();
    var runs = target.get(0).runsBefore(0);
    assertThat(runs.count()).isEqualTo(1);
    assertThat(runs.offsets(0)).isEqualTo(new OffsetRange(0, 2));
    var object = target.view.coveredSegments().find(runs.segmentBaseLsn(0));
    assertThat(object).isEqualTo(source.object(0, object.endLsn()));
    assertThat(object.log()).isEqualTo(ViewFixture.LOG);
  }

  @Test
  void theOldLogKeepsTheObjectsUntilTheyAreNotNeeded() {
    filled(PLAIN);
    move();
    assertThat(source.view.coveredSegments().keys()).containsExactly("object-0");
    assertThat(target.view.objectsOf(ViewFixture.LOG, target.get(0))).hasSize(1);

    needs(MOVE - 1);
    assertThat(source.view.coveredSegments().keys()).as("of an earlier move").isNotEmpty();
    source.apply(new Frame.MoveNeeds(1, 1_000, partition(0), MOVE, List.of(0L)));
    assertThat(source.view.coveredSegments().keys()).as("it is named").isNotEmpty();

    target.logStart(0, 2);
    assertThat(target.view.objectsOf(ViewFixture.LOG, target.get(0))).isEmpty();
    assertThat(target.view.coveredSegments().keys()).isEmpty();
    needs(MOVE);
    assertThat(source.view.coveredSegments().keys()).isEmpty();
    assertThat(source.view.coveredSegments().kept()).isEmpty();
  }

  private void needs(long epoch) {
    source.apply(new Frame.MoveNeeds(1, 1_000, partition(0), epoch, List.of()));
  }

  @Test
  void aPartitionThatComesBackFindsItsOwnObjects() {
    filled(PLAIN);
    move();
    var back = target.view.history(target.get(0));
    source.apply(
        new Frame.ImportBegin(
            1, 1_000, source.view.nextPartitionRef(), partition(0), MOVE + 1, back));
    assertThat(source.view.objectsOf(ViewFixture.LOG, source.get(0))).hasSize(1);
    assertThat(source.view.coldEndLsn()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void anImportTakesItsRecordsInOrderAndGivesNoneToClients() {
    filled(PLAIN);
    begin();
    assertThat(target.get(0).isShown()).isFalse();
    assertThat(target.get(0).standing()).isEqualTo(new MoveStanding.Importing(MOVE, 2));
    copyTail();
    assertThat(target.get(0).standing()).isEqualTo(new MoveStanding.Importing(MOVE, 5));
    assertThat(target.view.producers().count()).as("they come with the end").isZero();
    assertThat(target.view.moving()).hasSize(1);
  }

  @Test
  void aClosedPartitionChangesNoMore() {
    var partition = filled(PLAIN);
    step(source, Step.CLOSE);
    source.logStart(0, 2);
    source.apply(new Frame.PartitionConfigure(1, 1_000, partition.ref(), ViewFixture.delayed(100)));
    assertThat(partition.logStartOffset()).isEqualTo(1);
    assertThat(partition.config()).isEqualTo(PLAIN);
    assertThat(partition.standing()).isEqualTo(new MoveStanding.Closed(MOVE, 5));
    assertThatThrownBy(() -> source.append(0, TestBatch.of(1))).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aMoveThatIsTakenBackLeavesNothingBehind() {
    var partition = filled(PLAIN);
    long before = new ViewFixture(OTHER, ProducerLimits.DEFAULT).view.coldEndLsn();
    begin();
    copyTail();
    step(source, Step.CLOSE);
    step(target, Step.DROP);
    step(source, Step.REOPEN);
    assertThat(partition.isOpen()).isTrue();
    source.append(0, TestBatch.of(1));
    assertThat(target.view.find(partition(0))).isNull();
    assertThat(target.view.coldEndLsn()).isEqualTo(before);
    assertThat(target.view.moving()).isEmpty();
    assertThat(target.view.coveredSegments().keys()).isEmpty();
  }

  @Test
  void framesOfAnotherMoveMeanNothing() {
    filled(PLAIN);
    begin();
    copyTail();
    step(source, Step.CLOSE);
    int ref = target.get(0).ref();
    target.apply(new Frame.MoveStep(1, 1_000, ref, MOVE + 1, Step.DROP));
    target.apply(new Frame.MoveOpen(1, 1_000, ref, MOVE, 7));
    target.apply(new Frame.MoveStep(1, 1_000, 99, MOVE, Step.DROP));
    assertThat(target.get(0).standing()).isEqualTo(new MoveStanding.Importing(MOVE, 5));
    int sourceRef = source.get(0).ref();
    source.apply(new Frame.MoveStep(1, 1_000, sourceRef, MOVE + 1, Step.RELEASE));
    source.apply(new Frame.MoveStep(1, 1_000, sourceRef, MOVE - 1, Step.REOPEN));
    assertThat(source.get(0).standing()).isEqualTo(new MoveStanding.Closed(MOVE, 5));
    end();
    end();
    assertThat(target.get(0).standing()).isEqualTo(new MoveStanding.Imported(MOVE));
  }

  @Test
  void aDelayedPartitionKeepsItsDueTimesAndCountsRetentionFromThem() {
    filled(ViewFixture.delayed(500));
    move();
    var moved = target.get(0);
    assertThat(moved.lastDueMs()).isEqualTo(1_500);
    assertThat(moved.visibleEndOffset(1_499)).isEqualTo(1);
    assertThat(moved.visibleEndOffset(1_500)).isEqualTo(5);
    assertThat(moved.runRetainFromMs(1)).isEqualTo(1_500);
  }

  @Test
  void objectsOfOtherLogsKeepTheirLogInACheckpoint() {
    filled(PLAIN);
    move();
    var saved = LogViewCodec.save(target.view);
    var restored = LogViewCodec.restore(saved, OTHER, ProducerLimits.DEFAULT, new ListDelayGates());
    assertThat(restored.hash()).isEqualTo(target.view.hash());
    assertThat(restored.objectsOf(ViewFixture.LOG, restored.find(partition(0)))).hasSize(1);
    assertThat(restored.coldEndLsn()).isEqualTo(target.view.coldEndLsn());
  }

  @Test
  void aHistoryWithAGapIsNone() {
    var object = new ColdObject(OTHER, 1, 0, 10, "key", 1, 1, 1);
    var stretch = new io.tidelog.hot.format.ColdStretch(object, new OffsetRange(0, 3), 1, 1, 1);
    assertThatThrownBy(() -> new ImportedHistory(PLAIN, 4, List.of(stretch)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bytesBehindAnOffsetAreItsShareOfTheRun() {
    var partition = filled(PLAIN);
    assertThat(partition.bytesBehind(0)).isEqualTo(partition.totalBytes());
    assertThat(partition.bytesBehind(5)).isZero();
    assertThat(partition.bytesBehind(2)).isEqualTo(partition.runSizeBytes(1));
  }
}
