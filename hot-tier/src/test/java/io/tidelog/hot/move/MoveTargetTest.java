package io.tidelog.hot.move;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves.Standing;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MoveTargetTest {

  private static final LogId FROM = new LogId(new UUID(0, 1));
  private static final LogId TO = new LogId(new UUID(0, 2));
  private static final PartitionMove MOVE = new PartitionMove(ModelStore.PARTITION, 7, FROM, TO);
  private static final Standing RUNNING = new Standing(7, FROM, 0, MOVE);
  private static final MoveLimits LIMITS = new MoveLimits(100, 30, 10, 400);

  private final MoveTarget target = new MoveTarget(TO, LIMITS, 10);

  @Test
  void onlyTheAnswerToTheLastRequestCountsAndOnlyOnce() {
    var absent = new MoveStanding.Absent();
    assertThat(target.decide(RUNNING, absent, 0)).isEqualTo(ask(11, TargetDecision.BEGIN, false));
    assertThat(target.decide(RUNNING, absent, 29)).isEqualTo(new TargetDecision.Nothing());
    assertThat(target.decide(RUNNING, absent, 30)).isEqualTo(ask(12, TargetDecision.BEGIN, false));
    assertThat(target.onAnswer(answer(11, 3, 3, SourceAnswer.OPEN))).isFalse();
    assertThat(target.onAnswer(answer(12, 5, 5, SourceAnswer.OPEN))).isTrue();
    assertThat(target.onAnswer(answer(12, 3, 3, SourceAnswer.OPEN))).isFalse();
    assertThat(target.decide(RUNNING, absent, 31)).isEqualTo(new TargetDecision.Begin(12, 7));
  }

  @Test
  void theEndThatCameWithTheLastRecordsIsWrittenBehindThem() {
    assertThat(target.decide(RUNNING, new MoveStanding.Importing(7, 5), 0))
        .isEqualTo(ask(11, 5, false));
    target.onAnswer(answer(11, 5, 9, 9));
    assertThat(target.decide(RUNNING, new MoveStanding.Importing(7, 5), 1))
        .isEqualTo(new TargetDecision.Append(11, 7));
    target.onWritten();
    assertThat(target.decide(RUNNING, new MoveStanding.Importing(7, 9), 2))
        .isEqualTo(new TargetDecision.Finish(11, 7));
  }

  @Test
  void thePartitionMayBeClosedWhenLittleIsLeft() {
    target.decide(RUNNING, new MoveStanding.Importing(7, 5), 0);
    target.onAnswer(answer(11, 5, 9, SourceAnswer.OPEN));
    target.decide(RUNNING, new MoveStanding.Importing(7, 5), 1);
    target.onWritten();
    assertThat(target.decide(RUNNING, new MoveStanding.Importing(7, 9), 2))
        .isEqualTo(ask(12, 9, true));
  }

  @Test
  void anAnswerThatComesWhileSomethingIsWrittenIsNeededAfterIt() {
    target.decide(RUNNING, new MoveStanding.Absent(), 0);
    var gone = new Standing(8, FROM, 0, null);
    assertThat(target.decide(gone, new MoveStanding.Importing(6, 5), 1))
        .isEqualTo(new TargetDecision.Drop(6));
    assertThat(target.isWriting()).isTrue();
    var told = answer(11, 5, 5, SourceAnswer.OPEN);
    assertThat(target.onAnswer(told)).isTrue();
    target.onWritten();

    assertThat(target.needs(told)).isTrue();
    assertThat(target.decide(RUNNING, new MoveStanding.Absent(), 2))
        .isEqualTo(new TargetDecision.Begin(11, 7));
    assertThat(target.needs(told)).isFalse();
  }

  @Test
  void aPictureOlderThanTheMoveSaysNothing() {
    var old = new Standing(6, FROM, 0, null);
    assertThat(target.decide(old, new MoveStanding.Importing(7, 5), 0))
        .isEqualTo(new TargetDecision.Refresh());
    assertThat(target.decide(new Standing(8, FROM, 0, null), new MoveStanding.Importing(7, 5), 0))
        .isEqualTo(new TargetDecision.Drop(7));
  }

  private static TargetDecision ask(long request, long from, boolean wantsClose) {
    return new TargetDecision.Ask(request, MOVE, from, wantsClose);
  }

  private static SourceAnswer answer(long request, long from, long to, long end) {
    return new SourceAnswer(request, 7, false, new OffsetRange(from, to), 0, end);
  }
}
