package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The candidate's part of a {@link ReplicaMachine}: watches the leader, holds one {@link Campaign}
 * after the other while it is lost, and takes over when one says go. Lives as long as the machine,
 * as a promise does, and answers the campaigns of others. Belongs to the log's lane.
 */
final class CandidateRole {

  /** How often a candidate lets a better one go first. */
  private static final int PATIENCE = 2;

  /** As {@link #PATIENCE}, of a replica that was not {@link #isCompared compared}. */
  private static final int PATIENCE_OF_DOUBT = 10;

  private final ReplicaConfig config;
  private final LocalLog log;
  private final RecordCalls registry;
  private final RandomGenerator random;
  private final Consumer<ReplicaEffect> effects;
  private final LeaderWatch watch;
  private final Takeover takeover;
  private final boolean leavesToMembers;
  private Set<Integer> live = Set.of();
  private @Nullable Campaign campaign;

  /**
   * A leader has agreed with this process on where its log ends. Before, damage of the last groups
   * may have passed for what a crash tore: another log may be longer.
   */
  private boolean isCompared;

  private int deferrals;
  private long campaignNs;

  /**
   * Where a replica stands as a candidate.
   *
   * @param record the newest that was seen
   * @param isBusy its log is being cut, or replaced by a copy
   */
  record Standing(LogRecord record, ReplicaId self, boolean isBusy) {

    boolean mayLead() {
      return record.mayLead(self) && !isBusy;
    }
  }

  CandidateRole(
      ReplicaMachine.Parts parts,
      RecordCalls registry,
      RandomGenerator random,
      Consumer<ReplicaEffect> effects) {
    this.config = parts.config();
    this.log = parts.log();
    this.registry = registry;
    this.random = random;
    this.effects = effects;
    this.watch = new LeaderWatch(config, random);
    this.takeover = new Takeover(parts, effects);
    this.leavesToMembers = !parts.suspended().contains(SafetyRule.LED_BY_WHO_HAS_ALL);
  }

  LeaderWatch watch() {
    return watch;
  }

  Takeover takeover() {
    return takeover;
  }

  /** Nodes that are alive, as their leases say; a hint. */
  void onLive(Set<Integer> nodes) {
    live = Set.copyOf(nodes);
  }

  /**
   * Another leader is followed, or waited for.
   *
   * @param isAwaited as {@link LeaderWatch#begin}
   */
  void onOtherLeader(boolean isAwaited, long nowNs) {
    deferrals = 0;
    campaignNs = nowNs;
    watch.begin(isAwaited, nowNs);
  }

  /** The leader is there, and its log was compared with this one. */
  void onHeard(long nowNs) {
    if (!watch.isAhead()) {
      watch.onHeard(nowNs);
      isCompared = true;
      deferrals = 0;
      campaign = null;
    }
  }

  /** The record has changed: what was asked at the old one is not worth an answer. */
  void stopCampaign() {
    campaign = null;
  }

  /**
   * A promise of an earlier process stands, whose proposal may still win: writing the record again
   * as it is moves the revision, with which the proposal can only lose.
   */
  void maybeVoidPromise(LogRecord at, long nowNs) {
    if (takeover.hasPromised(at) && takeover.isIdle()) {
      registry.maybeRewrite(at, nowNs);
    }
  }

  /** Goes on with what is under way, or begins. */
  void onTick(Standing standing, long nonce, long nowNs) {
    if (campaign != null) {
      maybeGoOn(campaign, standing, nowNs);
    } else if (nowNs >= campaignNs && watch.hasLost(nowNs) && mayCampaign(standing)) {
      begin(standing, nonce, nowNs);
    }
  }

  private boolean mayCampaign(Standing standing) {
    var at = standing.record();
    boolean isNew = at.leader() == LogRecord.NO_LEADER;
    boolean mayLead = standing.mayLead() || (!leavesToMembers && !standing.isBusy());
    return mayLead && takeover.isIdle() && (isNew || log.lastTerm() <= at.term());
  }

  private void begin(Standing standing, long nonce, long nowNs) {
    var at = standing.record();
    var attempt = new Campaign(at, standing.self(), nonce, nowNs + config.roundNs());
    if (watch.isAhead()) {
      attempt.distrustLeader();
    }
    campaign = attempt;
    campaignNs = nowNs + config.roundNs() + random.nextLong(config.roundNs());
    for (int node : attempt.asked()) {
      send(node, new ReplicaMessage.Probe(at.term(), attempt.round(), standing.self()));
    }
    maybeGoOn(attempt, standing, nowNs);
  }

  void onAnswer(int from, ReplicaMessage.ProbeAnswer answer, Standing standing, long nowNs) {
    if (campaign != null) {
      campaign.onAnswer(from, answer);
      maybeGoOn(campaign, standing, nowNs);
    }
  }

  private void maybeGoOn(Campaign attempt, Standing standing, long nowNs) {
    var at = standing.record();
    boolean isInDoubt = !isCompared && at.leader() != LogRecord.NO_LEADER;
    // The lead was handed to this one: another with a longer log is not to be waited for.
    boolean isNamed = at.leader() == standing.self().nodeId() && log.lastTerm() < at.term();
    boolean isPatient =
        isInDoubt ? deferrals < PATIENCE_OF_DOUBT : deferrals < PATIENCE && !isNamed;
    var advice = attempt.advice(log, live, isPatient, isInDoubt, nowNs);
    if (advice != Campaign.Advice.WAIT) {
      campaign = null;
    }
    switch (advice) {
      case WAIT, GIVE_UP -> {}
      case READ_RECORD -> registry.maybeRead(nowNs);
      case LEAVE_TO_OTHER -> deferrals++;
      case GO -> takeover.promise(at, log.lastTerm());
    }
  }

  /** The leader itself asks: there is nobody to be asked. */
  void onTakeOver(ReplicaMessage.TakeOver takeOver, Standing standing) {
    if (takeOver.term() == standing.record().term() && mayCampaign(standing)) {
      takeover.promise(standing.record(), log.lastTerm());
    }
  }

  /**
   * Answers the campaign of another one.
   *
   * @param leads whether this one leads, or is about to
   */
  void answer(int from, ReplicaMessage.Probe probe, Standing standing, boolean leads, long nowNs) {
    var at = standing.record();
    if (probe.term() > at.term()) {
      registry.maybeRead(nowNs);
    }
    // Whom the record names leads no longer, or not yet, when it asks.
    boolean asksItself = from == at.leader() && probe.term() == at.term();
    send(
        from,
        new ReplicaMessage.ProbeAnswer(
            at.term(),
            probe.round(),
            standing.self(),
            !leads && (asksItself || watch.hasLost(nowNs)),
            standing.mayLead(),
            log.lastTerm(),
            log.endLsn()));
  }

  private void send(int nodeId, ReplicaMessage message) {
    effects.accept(new ReplicaEffect.Send(nodeId, message));
  }
}
