package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AppendMailboxTest {

  private static final int MAX_BYTES = 1_000;
  private static final int MANY_BYTES = 400;
  private static final PartitionId PARTITION = new PartitionId(new UUID(1, 1), 0);

  private final List<String> wakes = new ArrayList<>();
  private final AppendMailbox mailbox =
      new AppendMailbox(MAX_BYTES, MANY_BYTES, () -> wakes.add("wake"));

  private static AppendRequest append(int bytes, Acks acks) {
    return new AppendRequest(
        PARTITION, ByteBuffer.allocate(bytes), acks, AppendRequest.ANY_OFFSET, result -> {});
  }

  private boolean offer(int bytes) {
    return mailbox.offer(List.of(append(bytes, Acks.ALL)));
  }

  @Test
  void theFirstOfferWakesTheLaneAndThoseThatFollowDoNot() {
    offer(1);
    offer(1);
    assertThat(wakes).hasSize(1);
    assertThat(mailbox.waiting()).isEqualTo(2);
  }

  @Test
  void duringASyncItLeavesAFewWaiting() {
    mailbox.wakeAt(AppendMailbox.FOR_MANY);
    for (int i = 1; i < AppendMailbox.FOR_MANY; i++) {
      offer(1);
    }
    assertThat(wakes).isEmpty();
    offer(1);
    assertThat(wakes).hasSize(1);
  }

  @Test
  void whatNeedNotWaitForTheSyncWakesTheLaneAtOnce() {
    mailbox.wakeAt(AppendMailbox.FOR_MANY);
    mailbox.offer(List.of(append(1, Acks.LEADER)));
    assertThat(wakes).hasSize(1);
  }

  @Test
  void manyBytesWakeTheLaneUnlessItCanTakeNothing() {
    mailbox.wakeAt(AppendMailbox.NEVER);
    offer(MANY_BYTES);
    assertThat(wakes).isEmpty();
    assertThat(mailbox.wakeAt(AppendMailbox.FOR_MANY)).isTrue();
  }

  @Test
  void theLaneIsToldWhenWhatItWishesToBeWokenForIsThereAlready() {
    mailbox.wakeAt(AppendMailbox.FOR_MANY);
    offer(1);
    offer(1);
    assertThat(mailbox.wakeAt(3)).isFalse();
    assertThat(mailbox.wakeAt(2)).isTrue();
    offer(1);
    assertThat(wakes).isEmpty();
  }

  @Test
  void whatWasTakenOutWaitsNoMore() {
    offer(5);
    offer(7);
    assertThat(mailbox.poll()).hasSize(1);
    assertThat(mailbox.waiting()).isEqualTo(1);
    assertThat(mailbox.waitingBytes()).isEqualTo(7);
  }

  @Test
  void aFullMailboxRefusesAndTakesNothing() {
    assertThat(offer(MAX_BYTES + 1)).isTrue();
    assertThat(offer(1)).isFalse();
    assertThat(mailbox.waiting()).isEqualTo(1);
    assertThat(mailbox.waitingBytes()).isEqualTo(MAX_BYTES + 1);
  }
}
