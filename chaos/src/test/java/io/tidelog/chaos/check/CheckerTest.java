package io.tidelog.chaos.check;

import static io.tidelog.chaos.check.Story.DELAYED;
import static io.tidelog.chaos.check.Story.GROUP;
import static io.tidelog.chaos.check.Story.OTHER;
import static io.tidelog.chaos.check.Story.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Stamp;
import io.tidelog.chaos.history.Value;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every anomaly is planted into a story that went well, and must be reported by its own name. */
class CheckerTest {

  private static final long SEED = Long.getLong("tidelog.seed", 4_711);
  private static final int FINAL = 9;

  private static final Map<Anomaly, Consumer<Story>> PLANTED = new EnumMap<>(Anomaly.class);

  static {
    PLANTED.put(Anomaly.INCONSISTENT_OFFSET, CheckerTest::showAnotherRecordAtAnOffset);
    PLANTED.put(Anomaly.DUPLICATE, CheckerTest::appendARecordTwice);
    PLANTED.put(Anomaly.LOST, CheckerTest::loseAnAcknowledgedRecord);
    PLANTED.put(Anomaly.UNSEEN, CheckerTest::loseTheTail);
    PLANTED.put(Anomaly.UNREAD, CheckerTest::doNotReadAtTheEnd);
    PLANTED.put(Anomaly.PHANTOM, CheckerTest::showWhatNobodySent);
    PLANTED.put(Anomaly.FAILED_VISIBLE, CheckerTest::refuseWhatIsThere);
    PLANTED.put(Anomaly.DAMAGED, CheckerTest::damageARecord);
    PLANTED.put(Anomaly.REORDERED, CheckerTest::swapTwoOfOneProducer);
    PLANTED.put(Anomaly.VANISHED, CheckerTest::showWhatIsNotCommitted);
    PLANTED.put(Anomaly.HOLE, CheckerTest::shiftTheTail);
    PLANTED.put(Anomaly.POLL_BACK, CheckerTest::giveAnOffsetAgain);
    PLANTED.put(Anomaly.POLL_SKIP, CheckerTest::skipAnOffset);
    PLANTED.put(Anomaly.STALE_END, CheckerTest::tellAnOldEnd);
    PLANTED.put(Anomaly.EARLY, CheckerTest::showADelayedRecordEarly);
    PLANTED.put(Anomaly.GROUP_OFFSET_LOST, story -> seeCommitted(story, -1));
    PLANTED.put(Anomaly.GROUP_OFFSET_BACK, story -> seeCommitted(story, 10));
    PLANTED.put(Anomaly.GROUP_OFFSET_PHANTOM, story -> seeCommitted(story, 17));
    PLANTED.put(Anomaly.GROUP_SKIPPED, CheckerTest::commitWhatNobodyWasGiven);
    PLANTED.put(Anomaly.TWO_OWNERS, CheckerTest::letTheOldOwnerCommit);
    PLANTED.put(Anomaly.TOPIC_LOST, CheckerTest::leaveATopicOut);
    PLANTED.put(Anomaly.TOPIC_RESURRECTED, CheckerTest::showADeletedTopic);
    PLANTED.put(Anomaly.TOPIC_CHANGED, story -> seeKept(story, "another id", 5, 2_000));
    PLANTED.put(Anomaly.PARTITIONS_LOST, story -> seeKept(story, "id of kept", 3, 2_000));
    PLANTED.put(Anomaly.SETTING_LOST, story -> seeKept(story, "id of kept", 5, 1_000));
  }

  /** Those on disks are planted by the test of what compares copies. */
  @Test
  void everyAnomalyOfHistoriesIsPlanted() {
    assertThat(PLANTED.keySet())
        .isEqualTo(
            Arrays.stream(Anomaly.values())
                .filter(Anomaly::isInHistories)
                .collect(Collectors.toSet()));
  }

  private static Set<Anomaly> planted() {
    return PLANTED.keySet();
  }

  @ParameterizedTest
  @MethodSource("planted")
  void aPlantedAnomalyIsReportedByItsName(Anomaly anomaly) {
    for (long seed = SEED; seed < SEED + 20; seed++) {
      var story = new Story(seed);
      PLANTED.get(anomaly).accept(story);
      var verdict = story.verdict();
      assertThat(verdict.counts()).as("seed %d: %s", seed, verdict).containsKey(anomaly);
      assertThat(verdict.violations())
          .as("seed %d says where", seed)
          .filteredOn(violation -> violation.anomaly() == anomaly)
          .allSatisfy(violation -> assertThat(violation.where()).isNotEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void aStoryThatWentWellIsClean(int offset) {
    for (long seed = SEED + offset * 100L; seed < SEED + offset * 100L + 100; seed++) {
      assertThat(new Story(seed).verdict()).as("seed %d", seed).isEqualTo(clean());
    }
  }

  @Test
  void oneAnomalyIsNotTakenForManyOthers() {
    var story = new Story(SEED);
    loseTheTail(story);
    // Whoever read it before saw what is not there now.
    assertThat(story.verdict().counts()).containsOnlyKeys(Anomaly.UNSEEN, Anomaly.VANISHED);
  }

  @Test
  void aProducerThatWasKilledLeavesSendsOfUnknownOutcome() {
    var story = new Story(SEED);
    story.change(event -> event instanceof Event.SendDone ? null : event);
    assertThat(story.verdict()).isEqualTo(clean());
  }

  @Test
  void whatIsTrimmedIsNotLost() {
    var story = new Story(SEED);
    story.change(
        event ->
            switch (event) {
              case Event.Polled e when isFinal(e, PLAIN) && e.offset() < 40 -> null;
              case Event.FinalBounds e when e.place().equals(PLAIN) ->
                  new Event.FinalBounds(e.at(), PLAIN, 40, e.end());
              default -> event;
            });
    var rules = Map.of(PLAIN.topic(), TopicRule.TRIMMED, DELAYED.topic(), TopicRule.delayed(2_000));
    assertThat(Checker.check(story.histories(), rules)).isEqualTo(clean());
    assertThat(story.verdict().counts()).containsKey(Anomaly.LOST);
  }

  @Test
  void aCommitOfUnknownOutcomeMayComeTrueLate() {
    var story = new Story(SEED);
    // 20 was given up before 25 was committed.
    seeCommitted(story, 20);
    assertThat(story.verdict()).isEqualTo(clean());
  }

  @Test
  void manyOfAKindAreCountedAndTheFirstOnesTold() {
    var story = new Story(SEED);
    story.change(
        event ->
            event instanceof Event.Polled e && e.place().equals(PLAIN)
                ? new Event.Polled(e.at(), e.session(), PLAIN, e.offset(), Value.DAMAGED)
                : event);
    var verdict = story.verdict();
    assertThat(verdict.counts().get(Anomaly.DAMAGED)).isGreaterThan(100);
    assertThat(verdict.violations())
        .filteredOn(violation -> violation.anomaly() == Anomaly.DAMAGED)
        .hasSize(20);
  }

  /** What a checker that compares every pair of writes says of a register. */
  @Test
  void aRegisterIsJudgedAsByTryingAllOrders() {
    var random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      var register = new Register();
      for (int i = 0; i < 1 + random.nextInt(5); i++) {
        long invoked = random.nextInt(20);
        boolean isKnown = random.nextBoolean();
        long done = isKnown ? invoked + 1 + random.nextInt(8) : Long.MAX_VALUE;
        register.add(
            new Commit(
                new Spot(1, i), "", invoked, isKnown ? Outcome.OK : Outcome.UNKNOWN, done, i));
      }
      long invoked = random.nextInt(25);
      long done = invoked + 1 + random.nextInt(5);
      for (long found = 0; found < register.writes().size(); found++) {
        boolean isFine = register.judge(invoked, done, found) == Register.Reading.FINE;
        assertThat(isFine)
            .as("seed %d round %d found %d in %s", SEED, round, found, register.writes())
            .isEqualTo(mayBeFound(register, register.writes().get((int) found), invoked, done));
      }
    }
  }

  private static boolean mayBeFound(Register register, Commit found, long invoked, long done) {
    return found.invokedNs() < done
        && register.writes().stream()
            .noneMatch(
                other ->
                    other.isOk() && other.doneNs() < invoked && found.doneNs() < other.invokedNs());
  }

  private static void showAnotherRecordAtAnOffset(Story story) {
    long value = story.value(PLAIN, 35);
    story.change(
        event ->
            event instanceof Event.Polled e && isFinal(e, PLAIN) && e.offset() == 36
                ? new Event.Polled(e.at(), e.session(), PLAIN, 36, value)
                : event);
  }

  private static void appendARecordTwice(Story story) {
    int end = endOf(story, PLAIN);
    long value = story.value(PLAIN, 35);
    setEnd(story, PLAIN, end + 1);
    addFinal(story, PLAIN, end, value);
  }

  private static void loseAnAcknowledgedRecord(Story story) {
    long lost = story.value(PLAIN, story.acknowledged(PLAIN));
    story.change(event -> event instanceof Event.Polled e && e.value() == lost ? null : event);
  }

  private static void loseTheTail(Story story) {
    int end = story.acknowledged(PLAIN);
    story.change(
        event ->
            event instanceof Event.Polled e && isFinal(e, PLAIN) && e.offset() >= end
                ? null
                : event);
    setEnd(story, PLAIN, end);
  }

  private static void doNotReadAtTheEnd(Story story) {
    story.change(
        event ->
            switch (event) {
              case Event.FinalBounds e when e.place().equals(PLAIN) -> null;
              case Event.Polled e when isFinal(e, PLAIN) -> null;
              default -> event;
            });
  }

  private static void showWhatNobodySent(Story story) {
    int end = endOf(story, PLAIN);
    setEnd(story, PLAIN, end + 1);
    addFinal(story, PLAIN, end, Value.of(77, 1));
  }

  private static void refuseWhatIsThere(Story story) {
    long op = story.sentWith(Outcome.OK).op();
    story.change(
        event ->
            event instanceof Event.SendDone e && e.op() == op
                ? new Event.SendDone(e.at(), op, Outcome.FAILED, -1, "refused")
                : event);
  }

  private static void damageARecord(Story story) {
    story.change(
        event ->
            event instanceof Event.Polled e && e.place().equals(PLAIN) && e.offset() == 33
                ? new Event.Polled(e.at(), e.session(), PLAIN, 33, Value.DAMAGED)
                : event);
  }

  private static void swapTwoOfOneProducer(Story story) {
    int first = 0;
    int second = 1;
    while (Value.writer(story.value(PLAIN, second)) != Value.writer(story.value(PLAIN, first))) {
      second++;
    }
    long one = story.value(PLAIN, first);
    long two = story.value(PLAIN, second);
    story.change(
        event -> {
          if (event instanceof Event.Polled e && e.place().equals(PLAIN)) {
            long value = e.value() == one ? two : e.value() == two ? one : e.value();
            return new Event.Polled(e.at(), e.session(), PLAIN, e.offset(), value);
          }
          return event;
        });
  }

  private static void showWhatIsNotCommitted(Story story) {
    story.addLate(at -> new Event.SendInvoked(at, 9_999, PLAIN, Value.of(50, 1)));
    story.addLate(at -> new Event.SendDone(at, 9_999, Outcome.UNKNOWN, -1, "timed out"));
    story.addLate(at -> new Event.SessionStarted(at, 1, Reading.FREE, ""));
    int end = endOf(story, PLAIN);
    story.addLate(at -> new Event.Polled(at, 1, PLAIN, end, Value.of(50, 1)));
  }

  private static void shiftTheTail(Story story) {
    story.change(
        event ->
            switch (event) {
              case Event.Polled e when isFinal(e, PLAIN) && e.offset() >= 50 ->
                  new Event.Polled(e.at(), e.session(), PLAIN, e.offset() + 1, e.value());
              case Event.FinalBounds e when e.place().equals(PLAIN) ->
                  new Event.FinalBounds(e.at(), PLAIN, 0, e.end() + 1);
              default -> event;
            });
  }

  private static void giveAnOffsetAgain(Story story) {
    long value = story.value(PLAIN, 5);
    story.addLate(at -> new Event.SessionStarted(at, 1, Reading.FREE, ""));
    story.addLate(at -> new Event.Polled(at, 1, PLAIN, 5, value));
    story.addLate(at -> new Event.Polled(at, 1, PLAIN, 5, value));
  }

  private static void skipAnOffset(Story story) {
    story.change(
        event ->
            event instanceof Event.Polled e
                    && !isFinal(e, PLAIN)
                    && e.place().equals(PLAIN)
                    && e.offset() == 15
                ? null
                : event);
  }

  private static void tellAnOldEnd(Story story) {
    long end = story.acknowledged(PLAIN);
    var asked = story.now();
    story.addLate(at -> new Event.EndSeen(at, asked.ns(), PLAIN, end));
  }

  private static void showADelayedRecordEarly(Story story) {
    story.change(
        event ->
            event instanceof Event.Polled e && e.place().equals(DELAYED) && e.offset() == 3
                ? new Event.Polled(
                    new Stamp(e.at().ns(), sentAt(story, e.value()) + 1_999),
                    e.session(),
                    DELAYED,
                    3,
                    e.value())
                : event);
  }

  private static long sentAt(Story story, long value) {
    return story.histories().stream()
        .flatMap(history -> history.events().stream())
        .filter(event -> event instanceof Event.SendInvoked sent && sent.value() == value)
        .findFirst()
        .orElseThrow()
        .at()
        .wallMs();
  }

  private static void seeCommitted(Story story, long offset) {
    var asked = story.now();
    story.addLate(at -> new Event.CommittedSeen(at, asked.ns(), GROUP, OTHER, offset));
  }

  private static void commitWhatNobodyWasGiven(Story story) {
    story.change(
        event ->
            event instanceof Event.Polled e
                    && e.place().equals(OTHER)
                    && e.offset() == 5
                    && !isFinal(e, OTHER)
                ? null
                : event);
  }

  private static void letTheOldOwnerCommit(Story story) {
    story.change(
        event ->
            event instanceof Event.CommitDone e && e.outcome() == Outcome.FAILED
                ? new Event.CommitDone(e.at(), e.op(), Outcome.OK, "")
                : event);
  }

  private static void leaveATopicOut(Story story) {
    story.change(event -> event instanceof Event.TopicSeen e && e.partitions() == 5 ? null : event);
  }

  private static void showADeletedTopic(Story story) {
    var kept = finalKept(story);
    story.change(
        event ->
            event.equals(kept)
                ? new Event.TopicSeen(kept.at(), kept.invokedNs(), "deleted", "id", 1, -1)
                : event);
  }

  private static void seeKept(Story story, String id, int partitions, long retentionMs) {
    var kept = finalKept(story);
    story.change(
        event ->
            event.equals(kept)
                ? new Event.TopicSeen(
                    kept.at(), kept.invokedNs(), "kept", id, partitions, retentionMs)
                : event);
  }

  private static Event.TopicSeen finalKept(Story story) {
    return (Event.TopicSeen)
        story.histories().stream()
            .filter(history -> history.process() == FINAL)
            .flatMap(history -> history.events().stream())
            .filter(event -> event instanceof Event.TopicSeen)
            .findFirst()
            .orElseThrow();
  }

  private static boolean isFinal(Event.Polled event, Place place) {
    return event.place().equals(place) && event.session() == Story.FINAL_SESSION;
  }

  private static int endOf(Story story, Place place) {
    return story.histories().stream()
        .flatMap(history -> history.events().stream())
        .filter(event -> event instanceof Event.FinalBounds e && e.place().equals(place))
        .mapToInt(event -> (int) ((Event.FinalBounds) event).end())
        .findFirst()
        .orElseThrow();
  }

  private static void setEnd(Story story, Place place, int end) {
    story.change(
        event ->
            event instanceof Event.FinalBounds e && e.place().equals(place)
                ? new Event.FinalBounds(e.at(), place, 0, end)
                : event);
  }

  private static void addFinal(Story story, Place place, long offset, long value) {
    story.addLate(at -> new Event.SessionStarted(at, 1, Reading.FINAL, ""));
    story.addLate(at -> new Event.Polled(at, 1, place, offset, value));
  }

  private static Verdict clean() {
    return new Verdict(List.of(), Map.of());
  }
}
