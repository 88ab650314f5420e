package io.tidelog.hot.replica;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.hot.move.MoveSource;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.move.MoveTarget;
import io.tidelog.hot.move.SourceDecision;
import io.tidelog.hot.move.TargetDecision;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.MoveDesk;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.PartitionMoves;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the machines of moves decide, at the leader of a log, for one term: of
 * partitions that come to this log, and of those that leave it. It remembers nothing that its
 * successor would need. Belongs to the log's lane.
 */
final class MoveDriver {

  private static final Logger LOG = LoggerFactory.getLogger(MoveDriver.class);
  private static final long NANOS_PER_MS = 1_000_000;

  private final Parts parts;
  private final LogId self;
  private final MoveDesk desk;
  private final PartitionMoves moves;
  private final MoveConfig config;
  private final MoveAnswering answering;
  private final KeptNeeds needs;

  /** In the order in which they were first seen. */
  private final Map<PartitionId, MovingPartition> moving = new LinkedHashMap<>();

  private boolean isOver;

  /**
   * What it works with.
   *
   * @param revision of the metadata store at which this node was agreed to lead
   */
  record Parts(
      LogDriver driver,
      long revision,
      MoveParts moves,
      LogRegistry registry,
      ReplicaTransport transport,
      LogId log,
      Lane lane,
      Clock clock,
      RandomGenerator random) {

    long nowNs() {
      return clock.monotonicNs();
    }

    /** The node that leads a log, as far as is known here, or {@link LogRecord#NO_LEADER}. */
    int leaderOf(LogId of) {
      var record = registry.find(of);
      return record == null ? LogRecord.NO_LEADER : record.leader();
    }
  }

  MoveDriver(Parts parts) {
    this.parts = parts;
    this.self = parts.log();
    this.desk = parts.driver().moves();
    this.moves = parts.moves().moves();
    this.config = parts.moves().config();
    this.answering = new MoveAnswering(parts);
    this.needs = new KeptNeeds(parts);
  }

  /** The term is over: nothing more is decided or sent. */
  void end() {
    isOver = true;
    moving.clear();
  }

  void onTick() {
    if (!isOver) {
      look();
      needs.onTick();
    }
  }

  private void post(Runnable task) {
    parts
        .lane()
        .execute(
            () -> {
              if (!isOver) {
                task.run();
              }
            });
  }

  /** Something may have changed: asks the machines of every partition that moves, here or away. */
  void look() {
    if (isOver) {
      return;
    }
    var ids = new LinkedHashSet<>(moving.keySet());
    ids.addAll(desk.moving());
    for (var move : moves.all()) {
      if (move.from().equals(self) || move.to().equals(self)) {
        ids.add(move.partition());
      }
    }
    if (ids.isEmpty()) {
      return;
    }
    int arriving = 0;
    for (var id : desk.moving()) {
      arriving += desk.resident(id) == null ? 1 : 0;
    }
    for (var id : ids) {
      boolean isNew = desk.standing(id) instanceof MoveStanding.Absent && isComing(id);
      if (isNew && arriving >= config.maxPartitions()) {
        continue; // its turn comes
      }
      arriving += isNew ? 1 : 0;
      step(moving(id));
    }
    forgetSettled(ids);
  }

  private boolean isComing(PartitionId id) {
    var move = moves.standing(id).move();
    return move != null && move.to().equals(self);
  }

  private void forgetSettled(Set<PartitionId> ids) {
    for (var id : ids) {
      var standing = desk.standing(id);
      boolean isSettled =
          standing instanceof MoveStanding.Open || standing instanceof MoveStanding.Absent;
      var known = moving.get(id);
      if (isSettled && moves.standing(id).move() == null && known != null && !known.isWriting()) {
        moving.remove(id);
      }
    }
  }

  private MovingPartition moving(PartitionId id) {
    return moving.computeIfAbsent(
        id,
        same ->
            new MovingPartition(
                same,
                new MoveSource(self, config.limits()),
                new MoveTarget(self, config.limits(), parts.random().nextLong() >>> 2)));
  }

  private void step(MovingPartition partition) {
    long nowNs = parts.nowNs();
    if (partition.isPaused(nowNs)) {
      return;
    }
    var picture = moves.standing(partition.id());
    var standing = desk.standing(partition.id());
    if (desk.isDoubtful(partition.id())) {
      settle(partition, picture);
    }
    carryOut(partition, partition.source().decide(picture, standing, nowNs));
    if (standing instanceof MoveStanding.Importing && desk.isHeldUp()) {
      return;
    }
    carryOut(partition, partition.target().decide(picture, standing, nowNs), picture);
  }

  /**
   * A swap compares the terms of both logs: a home that holds when this term had begun is left only
   * for a leader epoch above this term's. One without a home is forgotten like any other.
   */
  private void settle(MovingPartition partition, PartitionMoves.Standing picture) {
    if (picture.revision() < parts.revision()) {
      refresh(partition);
    } else if (picture.home() == null || picture.home().equals(self)) {
      desk.onAtHome(partition.id());
    }
  }

  private void carryOut(MovingPartition partition, SourceDecision decision) {
    var id = partition.id();
    switch (decision) {
      case SourceDecision.Nothing nothing -> {}
      case SourceDecision.Refresh refresh -> refresh(partition);
      case SourceDecision.Close close -> {
        partition.closedNs = parts.nowNs();
        LOG.info("partition takes no records, it moves, partition={} log={}", id, self);
        writeOfSource(partition, desk.step(id, close.epoch(), Step.CLOSE), partition::tellClosed);
      }
      case SourceDecision.Reopen reopen ->
          writeOfSource(
              partition,
              desk.step(id, reopen.epoch(), Step.REOPEN),
              () -> onNoLongerClosed(partition, "partition stays, its move was taken back"));
      case SourceDecision.Release release ->
          writeOfSource(
              partition,
              desk.step(id, release.epoch(), Step.RELEASE),
              () -> onNoLongerClosed(partition, "partition has left"));
      case SourceDecision.Cancel cancel -> {
        LOG.warn("move of a partition takes too long and is given up, {}", cancel.move());
        var unused = moves.cancel(cancel.move()).whenComplete((done, failure) -> post(this::look));
      }
    }
  }

  private void onNoLongerClosed(MovingPartition partition, String what) {
    long nowNs = parts.nowNs();
    // A term that began while it was closed does not know since when.
    long closedNs =
        partition.closedNs < 0 ? partition.source().closedNs(nowNs) : nowNs - partition.closedNs;
    long closedMs = closedNs / NANOS_PER_MS;
    partition.closedNs = -1;
    desk.onNoLongerClosed(closedMs);
    LOG.info("{}, partition={} log={} closedMs={}", what, partition.id(), self, closedMs);
  }

  private void carryOut(
      MovingPartition partition, TargetDecision decision, PartitionMoves.Standing picture) {
    var id = partition.id();
    switch (decision) {
      case TargetDecision.Nothing nothing -> {}
      case TargetDecision.Refresh refresh -> refresh(partition);
      case TargetDecision.Ask ask -> ask(partition, ask);
      case TargetDecision.Begin begin -> {
        var history = partition.answerTo(begin.request()).history();
        if (history == null) {
          throw new IllegalStateException("an answer without a history was taken, " + id);
        }
        partition.begunNs = parts.nowNs();
        partition.copiedBytes = 0;
        LOG.info(
            "partition begins to come, partition={} log={} fromOffset={} objects={}",
            id,
            self,
            history.fromOffset(),
            history.cold().size());
        writeOfTarget(partition, desk.begin(id, begin.epoch(), history), () -> {});
      }
      case TargetDecision.Append append -> {
        var records = partition.answerTo(append.request()).records();
        partition.copiedBytes += records.remaining();
        writeOfTarget(
            partition, desk.importRecords(id, append.epoch(), records.duplicate()), () -> {});
      }
      case TargetDecision.Finish finish -> {
        var state = partition.answerTo(finish.request()).state();
        if (state == null) {
          throw new IllegalStateException("an answer without a state was taken, " + id);
        }
        writeOfTarget(partition, desk.end(id, finish.epoch(), state), partition::forgetUsedAnswer);
      }
      case TargetDecision.SwapHome swap -> {
        var unused = moves.swapHome(swap.move()).whenComplete((done, failure) -> post(this::look));
      }
      case TargetDecision.OpenHere open ->
          writeOfTarget(
              partition,
              desk.open(id, open.epoch(), picture.baseEpoch()),
              () -> onMovedIn(partition));
      case TargetDecision.Drop drop -> {
        LOG.info("partition that was to come is forgotten, partition={} log={}", id, self);
        writeOfTarget(
            partition, desk.step(id, drop.epoch(), Step.DROP), partition::forgetUsedAnswer);
      }
    }
  }

  private void onMovedIn(MovingPartition partition) {
    desk.onMovedIn();
    LOG.info(
        "partition has come, partition={} log={} bytes={} ms={}",
        partition.id(),
        self,
        partition.copiedBytes,
        (parts.nowNs() - partition.begunNs) / NANOS_PER_MS);
  }

  private void ask(MovingPartition partition, TargetDecision.Ask ask) {
    int leader = parts.leaderOf(ask.move().from());
    partition.onAsked(ask);
    if (leader == LogRecord.NO_LEADER) {
      return; // asked again when the time is over
    }
    var message =
        new ReplicaMessage.MoveAsk(
            parts.driver().term(),
            self,
            ask.request(),
            partition.id(),
            ask.move().epoch(),
            ask.fromOffset(),
            ask.wantsClose(),
            Math.min(config.chunkBytes(), desk.frameBytes()));
    parts.transport().send(ask.move().from(), leader, message);
  }

  private void refresh(MovingPartition partition) {
    if (partition.beginRefresh()) {
      var unused =
          moves
              .refresh()
              .whenComplete(
                  (done, failure) ->
                      post(
                          () -> {
                            partition.onRefreshed();
                            if (failure == null) {
                              look();
                            }
                          }));
    }
  }

  private void writeOfSource(
      MovingPartition partition, CompletionStage<Void> written, Runnable committed) {
    var unused =
        written.whenComplete(
            (done, failure) -> {
              partition.source().onWritten();
              onWritten(partition, failure, committed);
            });
  }

  private void writeOfTarget(
      MovingPartition partition, CompletionStage<Void> written, Runnable committed) {
    var unused =
        written.whenComplete(
            (done, failure) -> {
              partition.target().onWritten();
              onWritten(partition, failure, committed);
            });
  }

  /** On the lane: a frame is committed, or never will be. */
  private void onWritten(
      MovingPartition partition, @Nullable Throwable failure, Runnable committed) {
    if (isOver) {
      return;
    }
    if (failure == null) {
      committed.run();
      post(this::look);
      return;
    }
    partition.pauseUntil(parts.nowNs() + config.limits().retryNs());
    if (failure instanceof Fault.Refused) {
      giveUp(partition.id(), failure);
    }
  }

  /** What does not fit in a frame never will. */
  private void giveUp(PartitionId id, Throwable why) {
    LOG.error("move of a partition is given up, partition={} log={}", id, self, why);
    var move = moves.standing(id).move();
    if (move != null) {
      var unused = moves.cancel(move).whenComplete((done, failure) -> post(this::look));
    }
  }

  void onAsk(int from, ReplicaMessage.MoveAsk ask) {
    if (isOver) {
      return;
    }
    if (!ask.wantsClose() || desk.standing(ask.partition()) instanceof MoveStanding.Closed) {
      answering.answer(from, ask);
      return;
    }
    // Answered when it is closed: the answer to this one is then the last.
    var partition = moving(ask.partition());
    partition.source().onCloseAsked(ask.moveEpoch());
    partition.whenClosed(() -> answering.answer(from, ask));
    look();
  }

  void onPart(ReplicaMessage.MovePart part) {
    var partition = moving.get(part.partition());
    if (isOver || partition == null) {
      return;
    }
    MoveAnswer answer;
    try {
      answer = partition.onPart(part);
    } catch (IllegalArgumentException e) {
      LOG.warn("answer about a moving partition is unsound, partition={}", part.partition(), e);
      return;
    }
    if (answer == null || !partition.target().onAnswer(answer.told())) {
      return;
    }
    partition.keep(answer);
    boolean isNothingNew =
        answer.history() == null && answer.state() == null && !answer.records().hasRemaining();
    if (!isNothingNew || answer.told().isGone()) {
      look(); // else at the next tick, or two leaders would do nothing else
    }
  }

  void onNeedsAsk(int from, ReplicaMessage.NeedsAsk ask) {
    if (!isOver) {
      needs.onAsk(from, ask);
    }
  }

  void onNeeds(ReplicaMessage.Needs told) {
    if (!isOver) {
      needs.onNeeds(told);
    }
  }

  /** Those that were seen and are not settled, for tests. */
  List<PartitionId> unsettled() {
    return List.copyOf(moving.keySet());
  }
}
