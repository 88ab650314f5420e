package io.tidelog.hot.view;

import static io.tidelog.hot.view.ViewFixture.PLAIN;
import static io.tidelog.hot.view.ViewFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.format.Frame;
import org.junit.jupiter.api.Test;

class LogViewTest {

  private final ViewFixture log = new ViewFixture();

  @Test
  void recordsMoveTheEndOfTheirPartitionOnly() {
    log.open(0, PLAIN);
    log.open(1, PLAIN);
    log.append(0, TestBatch.of(3));
    log.append(0, TestBatch.of(2));

    assertThat(log.get(0).nextOffset()).isEqualTo(5);
    assertThat(log.get(1).nextOffset()).isZero();
  }

  @Test
  void recordsAtAnotherOffsetThanTheNextOneAreDamage() {
    var partition = log.open(0, PLAIN);
    var frame = new Frame.RecordsFrame(partition.ref(), 1, 1_000, 7, 1, TestBatch.of(1).bytesAt(7));
    assertThatThrownBy(() -> log.apply(frame)).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void anAppendTimeThatGoesBackIsDamage() {
    log.open(0, PLAIN);
    log.timeMs = 999;
    assertThatThrownBy(() -> log.append(0, TestBatch.of(1))).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aFrameOfAnOldTermIsDamage() {
    log.open(0, PLAIN);
    log.apply(new Frame.TermStart(5, 1_000, 1, new java.util.UUID(0, 0)));
    log.term = 4;
    assertThatThrownBy(() -> log.append(0, TestBatch.of(1))).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aClosedPartitionIsForgottenAndItsNameMayBeOpenedAgain() {
    int ref = log.open(0, PLAIN).ref();
    log.append(0, TestBatch.of(3));
    log.apply(new Frame.PartitionClose(1, 1_000, ref));
    assertThat(log.view.find(partition(0))).isNull();

    assertThat(log.open(0, PLAIN).nextOffset()).isZero();
    assertThat(log.get(0).ref()).isNotEqualTo(ref);
  }

  @Test
  void aPartitionHasOneRunForEachSegmentThatHoldsRecordsOfIt() {
    var partition = log.open(0, PLAIN);
    log.append(0, TestBatch.of(3).at(50));
    log.append(0, TestBatch.of(2).at(40));
    long first = log.roll();
    log.append(0, TestBatch.of(4).at(60));

    assertThat(partition.runCount()).isEqualTo(2);
    assertThat(partition.runSegmentBaseLsn(0)).isEqualTo(first);
    assertThat(partition.runEndOffset(0)).isEqualTo(5);
    assertThat(partition.runRetainFromMs(0)).isEqualTo(50);
    assertThat(partition.runEndOffset(1)).isEqualTo(9);
  }

  @Test
  void theTieredEndFollowsTheCommittedObjects() {
    var partition = log.open(0, PLAIN);
    log.append(0, TestBatch.of(3));
    long first = log.roll();
    long second = log.lsn();
    log.append(0, TestBatch.of(4));
    log.roll();
    log.append(0, TestBatch.of(1));
    assertThat(partition.tieredEndOffset(log.view.coldEndLsn())).isZero();

    log.offload(first, second);
    assertThat(partition.tieredEndOffset(log.view.coldEndLsn())).isEqualTo(3);
    assertThat(log.view.coldEndLsn()).isEqualTo(second);
  }

  @Test
  void anObjectCommittedBeforeAnOlderOneDoesNotMoveTheTieredEnd() {
    var partition = log.open(0, PLAIN);
    log.append(0, TestBatch.of(3));
    log.roll();
    long second = log.lsn();
    log.append(0, TestBatch.of(4));
    log.roll();
    log.append(0, TestBatch.of(1));

    log.offload(second, log.lsn());
    assertThat(partition.tieredEndOffset(log.view.coldEndLsn())).isZero();
    log.offload(0, second);
    assertThat(partition.tieredEndOffset(log.view.coldEndLsn())).isEqualTo(7);
  }

  @Test
  void anObjectIsForgottenWhenNoPartitionNeedsItAnyMore() {
    log.open(0, PLAIN);
    var other = log.open(1, PLAIN);
    log.append(0, TestBatch.of(3));
    log.append(1, TestBatch.of(3));
    long first = log.roll();
    long end = log.lsn();
    log.append(0, TestBatch.of(1));
    log.offload(first, end);
    assertThat(log.view.coveredSegments().keys()).containsExactly("object-0");

    log.logStart(0, 3);
    assertThat(log.view.coveredSegments().keys()).containsExactly("object-0");
    log.apply(new Frame.PartitionClose(1, 1_000, other.ref()));
    assertThat(log.view.coveredSegments().keys()).isEmpty();
  }

  @Test
  void aSegmentNobodyWantsNeedsNoOffload() {
    log.open(0, PLAIN);
    log.append(0, TestBatch.of(3));
    long first = log.roll();
    log.append(0, TestBatch.of(1));
    assertThat(log.view.needsOffload(first)).isTrue();
    log.logStart(0, 3);
    assertThat(log.view.needsOffload(first)).isFalse();
    assertThat(log.view.coldEndLsn()).isEqualTo(log.segmentBaseLsn);
  }

  @Test
  void publishedRunsStayAsTheyWereWhileTheViewGoesOn() {
    var partition = log.open(0, PLAIN);
    for (int i = 0; i < 20; i++) {
      log.append(0, TestBatch.of(1));
      log.roll();
    }
    var published = partition.runsBefore(log.segmentBaseLsn);
    log.append(0, TestBatch.of(5));
    log.logStart(0, 12);
    for (int i = 0; i < 20; i++) {
      log.append(0, TestBatch.of(2));
      log.roll();
    }

    assertThat(published.count()).isEqualTo(20);
    assertThat(published.offsets(published.indexOf(7))).isEqualTo(new OffsetRange(7, 8));
    assertThat(published.indexOf(20)).isEqualTo(20);
    var later = partition.runsBefore(log.segmentBaseLsn);
    assertThat(later.offsets(0)).isEqualTo(new OffsetRange(12, 13));
    assertThat(later.offsets(later.count() - 1).end()).isEqualTo(partition.nextOffset());
  }

  @Test
  void aDelayedRecordIsVisibleWhenItIsDue() {
    var partition = log.open(0, ViewFixture.delayed(500));
    log.append(0, TestBatch.of(3));
    assertThat(partition.visibleEndOffset(1_499)).isZero();
    assertThat(partition.visibleEndOffset(1_500)).isEqualTo(3);
  }

  @Test
  void aDelayThatComesLaterHoldsBackLaterRecordsOnly() {
    var partition = log.open(0, PLAIN);
    log.append(0, TestBatch.of(3));
    log.apply(new Frame.PartitionConfigure(1, 1_000, partition.ref(), ViewFixture.delayed(500)));
    log.append(0, TestBatch.of(2));
    assertThat(partition.visibleEndOffset(1_000)).isEqualTo(3);
    assertThat(partition.visibleEndOffset(1_500)).isEqualTo(5);
  }

  @Test
  void pendingRecordsMayBeDeliveredAtOnce() {
    var partition = log.open(0, ViewFixture.delayed(500));
    log.append(0, TestBatch.of(3));
    log.timeMs = 1_100;
    log.apply(new Frame.DeliverPending(1, 1_100, partition.ref()));
    assertThat(partition.visibleEndOffset(1_100)).isEqualTo(3);
  }

  @Test
  void aProducerSilentForTooLongIsForgotten() {
    var short_ = new ViewFixture(new ProducerLimits(100, 10));
    int ref = short_.open(0, PLAIN).ref();
    short_.append(0, TestBatch.of(1).from(7, 0, 0));
    var key = new ProducerKey(ref, 7);
    assertThat(short_.view.producers().find(key, 1_099)).isNotNull();
    assertThat(short_.view.producers().find(key, 1_100)).isNull();

    short_.timeMs = 1_100;
    short_.append(0, TestBatch.of(1).from(8, 0, 0));
    assertThat(short_.view.producers().count()).isEqualTo(1);
    assertThat(short_.view.find(ref).mayHaveForgotten(7)).isTrue();
    assertThat(short_.view.find(ref).mayHaveForgotten(8)).isFalse();
  }

  @Test
  void whichProducersAreForgottenIsKeptForEachPartition() {
    var small = new ViewFixture(new ProducerLimits(1_000, 1));
    int first = small.open(0, PLAIN).ref();
    int second = small.open(1, PLAIN).ref();
    small.append(0, TestBatch.of(1).from(5, 0, 0));
    small.append(1, TestBatch.of(1).from(9, 0, 0));
    assertThat(small.view.find(first).mayHaveForgotten(4)).isTrue();
    assertThat(small.view.find(first).mayHaveForgotten(6)).isFalse();
    assertThat(small.view.find(second).mayHaveForgotten(0)).isFalse();

    var restored =
        LogViewCodec.restore(
            LogViewCodec.save(small.view),
            ViewFixture.LOG,
            ProducerLimits.DEFAULT,
            new ListDelayGates());
    assertThat(restored.find(first).mayHaveForgotten(5)).isTrue();
    assertThat(restored.find(first).mayHaveForgotten(6)).isFalse();
  }

  @Test
  void theProducerSilentLongestMakesRoomForANewOne() {
    var small = new ViewFixture(new ProducerLimits(1_000, 2));
    int ref = small.open(0, PLAIN).ref();
    small.append(0, TestBatch.of(1).from(1, 0, 0));
    small.append(0, TestBatch.of(1).from(2, 0, 0));
    small.append(0, TestBatch.of(1).from(1, 0, 1));
    small.append(0, TestBatch.of(1).from(3, 0, 0));
    assertThat(small.view.producers().find(new ProducerKey(ref, 2), 1_000)).isNull();
    assertThat(small.view.producers().find(new ProducerKey(ref, 1), 1_000)).isNotNull();
  }

  @Test
  void tenThousandPartitionsAreCheap() {
    var many = new ViewFixture();
    for (int i = 0; i < 10_000; i++) {
      var config = new PartitionConfig(i % 3, -1, -2, -2, false, true, 0, -1);
      many.open(i, config);
      many.append(i, TestBatch.of(1));
    }
    // Stands for the heap: what a checkpoint says of a partition is what the view holds of it.
    assertThat(LogViewCodec.save(many.view).remaining() / 10_000).isLessThan(300);
  }
}
