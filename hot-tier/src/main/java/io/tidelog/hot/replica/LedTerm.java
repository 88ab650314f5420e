package io.tidelog.hot.replica;

import io.tidelog.core.Fault;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.ProgressListener;
import io.tidelog.metadata.api.LogRecord;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term that this process leads, from its first frame to its end: tells the machine what the
 * log's driver has written, moves partitions to and from the log, and tells who serves the log when
 * it may be served and when no more. Belongs to the log's lane.
 */
final class LedTerm implements ProgressListener {

  private static final Logger LOG = LoggerFactory.getLogger(LedTerm.class);

  private final ReplicaDriver.Parts parts;
  private final LogDriver driver;
  private final LeadsGivenAway given;
  private final EffectLoop loop;
  private final ReplicaMachine machine;
  private final Consumer<Fault.Broken> breakDown;
  private boolean isFirstWritten;
  private boolean isOver;

  /** Appends wait, or have waited: the lead is given away. */
  private boolean isHeld;

  /** Appends wait for the first frame. */
  private boolean isEarly = true;

  /** A follower has been asked to take over. */
  private boolean isOffered;

  /** Something cannot be read here and there was nobody to take over, which has been said. */
  private boolean isAloneWithDamage;

  /** Whose turn it is to take over. */
  private int turn;

  /** Moves partitions, once the log is served. */
  private @Nullable MoveDriver mover;

  /**
   * @param log led in this term
   */
  LedTerm(
      ReplicaDriver.Parts parts, OpenLog log, EffectLoop loop, Consumer<Fault.Broken> breakDown) {
    this.parts = parts;
    this.driver = Objects.requireNonNull(log.leading());
    this.given = log.given();
    this.loop = loop;
    this.machine = loop.machine();
    this.breakDown = breakDown;
  }

  void start(LogRecord record, RandomGenerator random) {
    driver.onProgress(this);
    driver.holdAppends(true);
    parts.leading().onTaken(driver, driver.replica().partitions());
    var lane = parts.threads().lane();
    var _ = lane.executeAt(parts.nowNs() + parts.config().silenceNs(), this::takeEarly);
    var unused =
        driver.start().thenRun(() -> lane.execute(() -> onBegan(record.modRevision(), random)));
  }

  @Override
  public void onWritten(long endLsn) {
    if (isFirstWritten) {
      loop.run(machine::onWritten);
    } else {
      isFirstWritten = true;
      loop.post(this::onFirstWritten);
    }
  }

  private void onFirstWritten() {
    if (!isOver) {
      machine.onLeading(driver.replica().endLsn(), parts.nowNs());
      parts.threads().lane().execute(this::takeEarly); // once it is known who is in sync
    }
  }

  /** Those who know already who leads need not ask again: what they sent is decided about now. */
  private void takeEarly() {
    if (isEarly && !isOver && !isHeld) {
      driver.holdAppends(false);
    }
    isEarly = false;
  }

  @Override
  public void onSynced(long syncedLsn) {}

  @Override
  public void onCommitted(long commitLsn) {
    if (isHeld && !isOffered && machine.isReplicated()) {
      loop.post(this::offer);
    }
  }

  @Override
  public void onBroken(Fault.Broken fault) {
    loop.post(() -> breakDown.accept(fault));
  }

  @Override
  public void onUnreadable(Fault.Broken why) {
    loop.post(() -> maybeGiveAway(why));
  }

  /** Whoever has it whole can serve, send and offload what this copy has damaged. */
  private void maybeGiveAway(Fault.Broken why) {
    long nowNs = parts.nowNs();
    if (isOver || !given.mayGive(nowNs)) {
      return;
    }
    if (machine.mayHandOver(nowNs)) {
      sayDamaged("another replica is asked to lead it", why);
      handOver(given.onGiven(nowNs));
    } else if (!isAloneWithDamage) {
      isAloneWithDamage = true;
      sayDamaged("and nobody else is in sync to lead it", why);
    }
  }

  private void sayDamaged(String what, Fault.Broken why) {
    LOG.error(
        "log is damaged here, {}, log={} term={} reason={}",
        what,
        parts.log().log(),
        driver.term(),
        why.getMessage());
  }

  /** The first frame of the term is committed. */
  private void onBegan(long revision, RandomGenerator random) {
    if (isOver) {
      return;
    }
    mover =
        new MoveDriver(
            new MoveDriver.Parts(
                driver,
                revision,
                parts.moves(),
                parts.registry(),
                parts.transport(),
                parts.log().log(),
                parts.threads().lane(),
                parts.log().clock(),
                random));
    parts.leading().onBegan(driver, revision);
  }

  /**
   * Gives the lead away. What was appended before is committed first, as far as that takes no
   * longer than a round of probes, and what comes then waits for the next leader: nobody is left
   * without an answer, and no follower has what the next leader has not. When nobody takes over,
   * appends go on.
   */
  void handOver(int turn) {
    this.turn = turn;
    long nowNs = parts.nowNs();
    if (!isHeld) {
      isHeld = true;
      driver.holdAppends(true);
      var lane = parts.threads().lane();
      var unused = lane.executeAt(nowNs + parts.config().roundNs(), () -> loop.run(this::offer));
      unused = lane.executeAt(nowNs + parts.config().silenceNs(), this::goOn);
    }
    if (isOffered || machine.isReplicated()) {
      offer();
    }
  }

  private void offer() {
    if (!isOver) {
      isOffered = true;
      machine.handOver(turn, parts.nowNs());
    }
  }

  private void goOn() {
    if (!isOver) {
      driver.holdAppends(false);
    }
  }

  void withMover(Consumer<MoveDriver> call) {
    if (mover != null) {
      call.accept(mover);
    }
  }

  /** Leads no more, or is about to end. */
  void end() {
    isOver = true;
    if (mover != null) {
      mover.end();
      mover = null;
    }
    parts.leading().onEnded(driver);
  }
}
