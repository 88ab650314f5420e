package io.tidelog.gateway.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fetch.SessionDecision.Full;
import io.tidelog.gateway.fetch.SessionDecision.Incremental;
import io.tidelog.gateway.fetch.SessionDecision.Rejected;
import io.tidelog.gateway.fetch.SessionDecision.SessionError;
import io.tidelog.gateway.fetch.SessionDecision.Sessionless;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FetchSessionsTest {

  private static final UUID TOPIC = new UUID(1, 2);
  private static final long EVICTION_MS = 1_000;

  private static final long MAX_BYTES = 10_000;

  private final FetchSessions sessions =
      new FetchSessions(new FetchSessions.Limits(2, MAX_BYTES, EVICTION_MS), new Random(42));

  @Test
  void aFetchThatClosesItsSessionIsAnsweredWithoutOne() {
    var decision = sessions.decide(request(0, FetchSession.FINAL_EPOCH, 0, 1), 0);
    assertThat(decision).isInstanceOf(Sessionless.class);
    var told = sessions.answer(decision, List.of(empty(0, 5), empty(1, 5)), 0);
    assertThat(told.sessionId()).isZero();
    assertThat(told.partitions()).hasSize(2);
    assertThat(sessions.size()).isZero();
  }

  @Test
  void aFullFetchOpensASessionAndIsToldEverything() {
    var told = open(0, 0, 1, 2);
    assertThat(told.sessionId()).isPositive();
    assertThat(told.partitions()).hasSize(3);
    assertThat(sessions.size()).isOne();
  }

  @Test
  void anIncrementalFetchReadsAllPartitionsAndTellsOnlyNews() {
    int id = open(0, 0, 1, 2).sessionId();
    var decision = next(id, 1);
    assertThat(((Incremental) decision).partitions()).hasSize(3);
    var told = sessions.answer(decision, List.of(empty(0, 5), records(1, 5), empty(2, 6)), 0);
    assertThat(told.sessionId()).isEqualTo(id);
    assertThat(partitions(told)).containsExactly(1, 2);
    assertThat(partitions(sessions.answer(next(id, 2), threeEmpty(), 0))).containsExactly(2);
    assertThat(partitions(sessions.answer(next(id, 3), threeEmpty(), 0))).isEmpty();
  }

  @Test
  void anErrorIsToldEveryTimeAndTheRecoveryToo() {
    int id = open(0, 0).sessionId();
    var refused = PartitionAnswer.refused(FetchKey.of(TOPIC, 0), Refusal.NOT_LEADER_OR_FOLLOWER);
    assertThat(partitions(sessions.answer(next(id, 1), List.of(refused), 0))).containsExactly(0);
    assertThat(partitions(sessions.answer(next(id, 2), List.of(refused), 0))).containsExactly(0);
    assertThat(partitions(sessions.answer(next(id, 3), List.of(empty(0, 5)), 0)))
        .containsExactly(0);
    assertThat(partitions(sessions.answer(next(id, 4), List.of(empty(0, 5)), 0))).isEmpty();
  }

  @Test
  void whoGotRecordsGoesToTheEndOfTheLine() {
    int id = open(0, 0, 1, 2).sessionId();
    sessions.answer(next(id, 1), List.of(records(0, 5), empty(1, 5), empty(2, 5)), 0);
    assertThat(((Incremental) next(id, 2)).partitions())
        .extracting(ask -> ask.key().partition())
        .containsExactly(1, 2, 0);
  }

  @Test
  void aChangedPartitionKeepsItsPlaceAndAForgottenOneGoes() {
    int id = open(0, 0, 1, 2).sessionId();
    var moved = new PartitionFetch(FetchKey.of(TOPIC, 1), 77, 100, -1, -1);
    var decision =
        sessions.decide(
            new SessionRequest(id, 1, true, List.of(moved), List.of(FetchKey.of(TOPIC, 0))), 0);
    assertThat(((Incremental) decision).partitions())
        .extracting(PartitionFetch::fetchOffset)
        .containsExactly(77L, 0L);
  }

  @Test
  void aSessionWithoutPartitionsEnds() {
    int id = open(0, 0).sessionId();
    var decision =
        sessions.decide(
            new SessionRequest(id, 1, true, List.of(), List.of(FetchKey.of(TOPIC, 0))), 0);
    assertThat(decision).isEqualTo(new Sessionless(List.of()));
    assertThat(sessions.size()).isZero();
  }

  @Test
  void aSessionThatGrowsWithoutEndIsEnded() {
    int id = open(0, 0).sessionId();
    var names = new ArrayList<PartitionFetch>();
    for (int i = 0; i < 10; i++) {
      names.add(new PartitionFetch(FetchKey.of("x".repeat(1_000) + i, 0), 0, 100, -1, -1));
    }
    var grown = sessions.decide(new SessionRequest(id, 1, true, names, List.of()), 0);
    assertThat(grown).isEqualTo(new Rejected(SessionError.FETCH_SESSION_ID_NOT_FOUND));
    assertThat(sessions.size()).isZero();
    var full = sessions.decide(new SessionRequest(0, 0, false, names, List.of()), 0);
    assertThat(sessions.answer(full, List.of(), 0).sessionId()).isZero();
    assertThat(open(0, 0).sessionId()).isPositive();
  }

  @Test
  void whatASessionForgetsMakesRoom() {
    int id = open(0, 0).sessionId();
    for (int epoch = 1; epoch < 100; epoch++) {
      var old = FetchKey.of("x".repeat(4_000) + (epoch - 1), 0);
      var fresh = FetchKey.of("x".repeat(4_000) + epoch, 0);
      var decision =
          sessions.decide(
              new SessionRequest(
                  id,
                  epoch,
                  true,
                  List.of(new PartitionFetch(fresh, 0, 100, -1, -1)),
                  List.of(old)),
              0);
      assertThat(decision).isInstanceOf(Incremental.class);
    }
  }

  @Test
  void anUnknownSessionIsNotFound() {
    assertThat(next(4711, 1)).isEqualTo(new Rejected(SessionError.FETCH_SESSION_ID_NOT_FOUND));
  }

  @Test
  void aWrongEpochIsRefusedAndTheSessionGoesOn() {
    int id = open(0, 0).sessionId();
    assertThat(next(id, 2)).isEqualTo(new Rejected(SessionError.INVALID_FETCH_SESSION_EPOCH));
    assertThat(next(id, 1)).isInstanceOf(Incremental.class);
    assertThat(next(id, 1)).isEqualTo(new Rejected(SessionError.INVALID_FETCH_SESSION_EPOCH));
  }

  @Test
  void theEpochAfterTheLargestIsOne() {
    assertThat(FetchSession.nextEpoch(Integer.MAX_VALUE)).isOne();
    assertThat(FetchSession.nextEpoch(0)).isOne();
    assertThat(FetchSession.nextEpoch(1)).isEqualTo(2);
  }

  @Test
  void aSessionByIdIsNotContinuedByName() {
    int id = open(0, 0).sessionId();
    assertThat(sessions.decide(new SessionRequest(id, 1, false, List.of(), List.of()), 0))
        .isEqualTo(new Rejected(SessionError.FETCH_SESSION_TOPIC_ID_ERROR));
  }

  @Test
  void anAnswerThatComesAfterTheSessionMovedOnIsRefusedAndItsBytesClosed() {
    int id = open(0, 0).sessionId();
    var first = next(id, 1);
    next(id, 2);
    var late = records(0, 9);
    assertThat(sessions.answer(first, List.of(late), 0).error())
        .isEqualTo(SessionError.INVALID_FETCH_SESSION_EPOCH);
    assertThat(((Counted) late.bytes()).closed).isTrue();
  }

  @Test
  void aNewFullFetchClosesTheSessionItNames() {
    int id = open(0, 0).sessionId();
    sessions.decide(request(id, FetchSession.INITIAL_EPOCH, 0), 0);
    assertThat(sessions.size()).isZero();
  }

  @Test
  void whenFullAYoungSessionOfTheSameSizeMakesNoRoom() {
    open(0, 0);
    open(0, 0);
    assertThat(open(EVICTION_MS, 0).sessionId()).isZero();
    assertThat(sessions.size()).isEqualTo(2);
  }

  @Test
  void whenFullTheSessionUnusedForLongestMakesRoom() {
    int old = open(0, 0).sessionId();
    int used = open(0, 0).sessionId();
    sessions.decide(new SessionRequest(used, 1, true, List.of(), List.of()), EVICTION_MS);
    assertThat(open(EVICTION_MS + 1, 0).sessionId()).isPositive();
    assertThat(next(old, 1)).isEqualTo(new Rejected(SessionError.FETCH_SESSION_ID_NOT_FOUND));
    assertThat(sessions.evictions()).isOne();
  }

  @Test
  void whenFullASmallerOldSessionMakesRoomForALargerOne() {
    int small = open(0, 0).sessionId();
    int large = open(0, 0, 1, 2).sessionId();
    for (int id : List.of(small, large)) {
      sessions.decide(new SessionRequest(id, 1, true, List.of(), List.of()), EVICTION_MS);
    }
    assertThat(open(EVICTION_MS + 1, 0, 1).sessionId()).isPositive();
    assertThat(next(small, 2)).isInstanceOf(Rejected.class);
    assertThat(next(large, 2)).isInstanceOf(Incremental.class);
  }

  private SessionAnswer open(long nowMs, int... partitions) {
    var decision = sessions.decide(request(0, FetchSession.INITIAL_EPOCH, partitions), nowMs);
    assertThat(decision).isInstanceOf(Full.class);
    return sessions.answer(
        decision, IntStream.of(partitions).mapToObj(p -> empty(p, 5)).toList(), nowMs);
  }

  private SessionDecision next(int id, int epoch) {
    return sessions.decide(new SessionRequest(id, epoch, true, List.of(), List.of()), 0);
  }

  private static SessionRequest request(int id, int epoch, int... partitions) {
    return new SessionRequest(
        id,
        epoch,
        true,
        IntStream.of(partitions)
            .mapToObj(p -> new PartitionFetch(FetchKey.of(TOPIC, p), 0, 100, -1, -1))
            .toList(),
        List.of());
  }

  private static List<PartitionAnswer> threeEmpty() {
    return Stream.of(0, 1, 2).map(p -> empty(p, p == 2 ? 7 : 5)).toList();
  }

  private static List<Integer> partitions(SessionAnswer told) {
    return told.partitions().stream().map(answer -> answer.key().partition()).toList();
  }

  private static PartitionAnswer empty(int partition, long end) {
    return PartitionAnswer.empty(FetchKey.of(TOPIC, partition), at(partition, end));
  }

  private static PartitionAnswer records(int partition, long end) {
    return PartitionAnswer.records(
        FetchKey.of(TOPIC, partition), at(partition, end), new Counted());
  }

  private static PartitionSnapshot at(int partition, long end) {
    return new PartitionSnapshot(
        new PartitionId(TOPIC, partition), FixedImages.PLAIN, 0, 0, 0, end, end, end, end, 0, 0, 0);
  }

  private static final class Counted implements RecordBytes {

    private boolean closed;

    @Override
    public int sizeBytes() {
      return 3;
    }

    @Override
    public List<Part> parts() {
      return List.of(new MemoryPart(ByteBuffer.allocate(3)));
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
