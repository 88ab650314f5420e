package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.format.Frame;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentWriterTest {

  private final Random random = new Random(1);
  private final FaultyLogDisk disk = new FaultyLogDisk(random);
  private final TestLog test = new TestLog(disk, random);

  private AppendOutcome appendControl() {
    return test.append(
        List.of(new Frame.LogStart(test.term, test.nowMs, 1, 5)), SegmentWriter.Urgency.CONTROL);
  }

  @Test
  void aSyncCoversWhatWasWrittenWhenItBegan() throws IOException {
    test.appendRandom(1, 100);
    long first = test.writer().endLsn();
    var task = test.writer().beginSync();
    test.appendRandom(1, 100);
    assertThat(task).isNotNull();
    assertThat(test.writer().beginSync()).isNull();
    assertThat(test.writer().syncedLsn()).isZero();
    task.run();
    test.writer().onSynced(task);
    assertThat(test.writer().syncedLsn()).isEqualTo(first);
    test.sync();
    assertThat(test.writer().syncedLsn()).isEqualTo(test.writer().endLsn());
    assertThat(test.writer().beginSync()).isNull();
  }

  @Test
  void afterAFailedSyncNothingIsWrittenAgain() {
    test.appendRandom(1, 100);
    disk.failNextSync();
    assertThatThrownBy(test::sync).isInstanceOf(Fault.Broken.class);
    assertThat(test.appendRandom(1, 100)).isInstanceOf(AppendOutcome.Failed.class);
    assertThat(appendControl()).isInstanceOf(AppendOutcome.Failed.class);
    assertThat(test.writer().beginSync()).isNull();
    assertThat(test.writer().syncedLsn()).isZero();
  }

  @Test
  void afterAFailedWriteNothingIsWrittenAgain() {
    disk.failNextWrite();
    assertThat(test.appendRandom(1, 100)).isInstanceOf(AppendOutcome.Failed.class);
    assertThat(test.appendRandom(1, 100)).isInstanceOf(AppendOutcome.Failed.class);
    assertThat(test.writer().fault()).isNotNull();
  }

  @Test
  void aFullDiskRefusesRecordsAndStillTakesControlFrames() throws IOException {
    test.log.upkeep();
    while (test.log.segments().list().size() < 2) {
      test.appendRandom(1, 500);
    }
    while (test.writer().isFull() || test.log.segments().active().sizeBytes() < 1_000) {
      test.appendRandom(1, 500);
    }
    // The active segment is the spare: only the next one has to grow.
    test.writer().rollNow();
    disk.setCapacity(0);
    long end = test.writer().endLsn();
    assertThat(test.appendRandom(1, 500)).isInstanceOf(AppendOutcome.Full.class);
    assertThat(test.writer().endLsn()).isEqualTo(end);
    assertThat(test.writer().isFull()).isTrue();
    assertThat(test.appendRandom(1, 500)).isInstanceOf(AppendOutcome.Full.class);
    disk.setCapacity(usedBytes());
    assertThat(appendControl()).isInstanceOf(AppendOutcome.Written.class);
    test.sync();
    assertThat(test.writer().syncedLsn()).isEqualTo(test.writer().endLsn());
    test.writer().maybeRecover();
    assertThat(test.appendRandom(1, 500)).isInstanceOf(AppendOutcome.Full.class);
    disk.setCapacity(Long.MAX_VALUE);
    test.writer().maybeRecover();
    assertThat(test.appendRandom(1, 500)).isInstanceOf(AppendOutcome.Written.class);
    test.sync();
    var again = new TestLog(disk, random);
    assertThat(again.log.recovered().endLsn()).isEqualTo(test.writer().endLsn());
  }

  private long usedBytes() {
    return disk.list().stream().mapToLong(name -> disk.contents(name).length).sum();
  }

  @Test
  void aSegmentIsSealedByAgeAndAnIdleLogDoesNotRoll() throws IOException {
    test.writer().maybeRoll(Long.MAX_VALUE);
    assertThat(test.log.segments().list()).hasSize(1);
    long firstMs = test.nowMs;
    test.appendRandom(1, 100);
    test.writer().maybeRoll(firstMs + 59_999);
    assertThat(test.writer().takeSealed()).isEmpty();
    test.writer().maybeRoll(firstMs + 60_000);
    var sealed = test.writer().takeSealed();
    assertThat(sealed).hasSize(1);
    assertThat(sealed.getFirst().isSealed()).isTrue();
    assertThat(test.writer().takeSealed()).isEmpty();
    test.writer().maybeRoll(firstMs + 600_000);
    assertThat(test.log.segments().list()).hasSize(2);
  }

  @Test
  void aSpareIsWrittenAfterASegmentOfSmallSyncsAndNotAfterOneOfLargeSyncs() throws IOException {
    test.log.upkeep();
    fillSegment(3 * TestLog.SMALL.spareSyncBytes());
    test.log.upkeep();
    assertThat(disk.list())
        .as("the first segment is there from the start")
        .noneMatch(this::isSpare);
    fillSegment(TestLog.SMALL.spareSyncBytes() / 3);
    test.log.upkeep();
    assertThat(disk.list()).filteredOn(this::isSpare).hasSize(1);
  }

  private boolean isSpare(String name) {
    return name.startsWith(SegmentNames.SPARE_PREFIX);
  }

  /** Each sync covers so many bytes or somewhat more, until a segment was sealed. */
  private void fillSegment(int syncBytes) {
    int before = test.log.segments().list().size();
    while (test.log.segments().list().size() == before) {
      if (test.writer().endLsn() - test.writer().syncedLsn() >= syncBytes) {
        test.sync();
      }
      test.appendRandom(1, 50);
    }
  }

  @Test
  void aSpareBecomesTheNextSegmentAndIsCutWhenSealed() throws IOException {
    test.log.upkeep();
    assertThat(disk.list()).contains("spare-1.bin", "reserve.bin");
    test.appendRandom(1, 100);
    test.writer().rollNow();
    assertThat(disk.list()).doesNotContain("spare-1.bin");
    var name = test.log.segments().active().name();
    assertThat(disk.contents(name)).hasSize(TestLog.SMALL.segmentBytes());
    test.appendRandom(1, 100);
    long size = test.log.segments().active().sizeBytes();
    test.writer().rollNow();
    test.sync();
    test.sealAll();
    assertThat(disk.contents(name)).hasSize((int) size);
    assertThat(disk.list()).contains(name.replace(".seg", ".idx"));
  }

  @Test
  void aGroupLargerThanASegmentIsRefused() {
    int tooLarge = TestLog.SMALL.segmentBytes() + 8;
    assertThatThrownBy(() -> test.writer().reserve(tooLarge))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aClosedLogCanBeOpenedAgain() {
    test.appendRandom(2, 100);
    test.sync();
    test.log.close();
    test.log.close();
    assertThat(test.appendRandom(2, 100)).isInstanceOf(AppendOutcome.Failed.class);
    var again = new TestLog(disk, random);
    assertThat(again.log.recovered().endLsn()).isEqualTo(test.writer().endLsn());
  }
}
