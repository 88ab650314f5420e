package io.tidelog.hot.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.view.TestBatch;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteGroupTest {

  private final WriteGroup group = new WriteGroup(new LeaderLimits(400, 1_000));
  private final long[] nextOffsets = new long[3];

  private void add(int partitionRef, int recordBytes) {
    var records = TestBatch.of(1).recordBytes(recordBytes).bytesAt(nextOffsets[partitionRef]++);
    group.add(
        new AppendDecision.Accept(partitionRef, List.of(BatchHeader.read(records, 0))), records);
  }

  private List<Integer> framesByPartition() {
    return group.entries().stream()
        .map(e -> e instanceof WriteGroup.RecordsEntry records ? records.partitionRef() : -1)
        .toList();
  }

  @Test
  void batchesOfOnePartitionShareAFrame() {
    add(0, 10);
    add(1, 10);
    add(0, 10);
    assertThat(framesByPartition()).containsExactly(0, 1);
    var shared = (WriteGroup.RecordsEntry) group.entries().getFirst();
    assertThat(shared.buffers()).hasSize(2);
    assertThat(shared.recordCount()).isEqualTo(2);
  }

  @Test
  void nothingIsWrittenBeforeAControlFrameThatCameEarlier() {
    add(0, 10);
    group.add((term, time) -> new Frame.PartitionClose(term, time, 0));
    add(0, 10);
    assertThat(framesByPartition()).containsExactly(0, -1, 0);
  }

  @Test
  void aFullFrameIsFollowedByAnother() {
    add(0, 200);
    add(0, 200);
    assertThat(framesByPartition()).containsExactly(0, 0);
  }

  @Test
  void aRequestLargerThanAFrameIsCutBetweenBatches() {
    var first = TestBatch.of(1).recordBytes(200).bytesAt(0);
    var second = TestBatch.of(1).recordBytes(200).bytesAt(1);
    var both = ByteBuffer.allocate(first.remaining() + second.remaining());
    both.put(first.duplicate()).put(second.duplicate()).flip();
    group.add(
        new AppendDecision.Accept(
            0, List.of(BatchHeader.read(both, 0), BatchHeader.read(both, first.limit()))),
        both);
    assertThat(framesByPartition()).containsExactly(0, 0);
    assertThat(((WriteGroup.RecordsEntry) group.entries().get(1)).buffers())
        .containsExactly(second);
  }

  @Test
  void aFrameHoldsNoMoreRecordsThanItCanCount() {
    for (int i = 0; i < 3; i++) {
      var records = TestBatch.of(1).bytesAt(i * 2_000_000_000L);
      records.putInt(23, 1_999_999_999);
      group.add(new AppendDecision.Accept(0, List.of(BatchHeader.read(records, 0))), records);
    }
    assertThat(framesByPartition()).containsExactly(0, 0, 0);
    assertThat(((WriteGroup.RecordsEntry) group.entries().getLast()).recordCount())
        .isEqualTo(2_000_000_000);
  }

  @Test
  void anEmptyGroupTakesAnythingAndAFullOneNothing() {
    assertThat(group.hasRoomFor(5_000)).isTrue();
    add(0, 300);
    add(1, 300);
    assertThat(group.hasRoomFor(300)).isFalse();
    assertThat(group.hasRoomFor(10)).isTrue();
  }
}
