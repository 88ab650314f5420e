package io.tidelog.hot.replica;

import io.tidelog.core.PartitionId;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.hot.runtime.MoveDesk;
import io.tidelog.hot.view.KeptObjects;
import io.tidelog.metadata.api.LogRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Has a log let go of cold objects that partitions which have left it need no more: asks now and
 * then where they live now. Belongs to the log's lane.
 */
final class KeptNeeds {

  private final MoveDriver.Parts parts;
  private final MoveDesk desk;
  private long askNs;

  KeptNeeds(MoveDriver.Parts parts) {
    this.parts = parts;
    this.desk = parts.driver().moves();
    this.askNs = parts.nowNs();
  }

  void onTick() {
    long nowNs = parts.nowNs();
    if (nowNs - askNs < 0) {
      return;
    }
    askNs = nowNs + parts.moves().config().needsNs();
    Map<PartitionId, Long> newest = new HashMap<>();
    for (var kept : desk.kept()) {
      newest.merge(kept.partition(), kept.moveEpoch(), Math::max);
    }
    newest.forEach(this::ask);
  }

  /**
   * @param epoch of the last move by which it left this log
   */
  private void ask(PartitionId id, long epoch) {
    var picture = parts.moves().moves().standing(id);
    if (picture.revision() < epoch) {
      var unused = parts.moves().moves().refresh(); // it knows nothing of that move
      return;
    }
    var home = picture.home();
    if (home == null) {
      // Its topic is deleted, and never comes back.
      var unused = desk.needs(id, Long.MAX_VALUE, List.of());
    } else if (home.equals(parts.log())) {
      var resident = desk.resident(id);
      if (resident != null && resident.isOpen()) {
        var unused = desk.needs(id, resident.cameBy(), desk.needs(home, resident));
      }
    } else {
      int leader = parts.leaderOf(home);
      if (leader != LogRecord.NO_LEADER) {
        var ask = new ReplicaMessage.NeedsAsk(parts.driver().term(), parts.log(), id);
        parts.transport().send(home, leader, ask);
      }
    }
  }

  /** Only the home answers: it alone knows what is needed, and by which move it came there. */
  void onAsk(int from, ReplicaMessage.NeedsAsk ask) {
    var resident = desk.resident(ask.partition());
    if (resident == null || !(resident.standing() instanceof MoveStanding.Open)) {
      return;
    }
    var needed = desk.needs(ask.keeper(), resident);
    if (needed.size() <= ReplicaMessage.Needs.MAX_COUNT) {
      long term = parts.driver().term();
      var told = new ReplicaMessage.Needs(term, ask.partition(), resident.cameBy(), needed);
      parts.transport().send(ask.keeper(), from, told);
    }
  }

  void onNeeds(ReplicaMessage.Needs told) {
    if (isKept(told.partition())) {
      var unused = desk.needs(told.partition(), told.moveEpoch(), told.baseLsns());
    }
  }

  private boolean isKept(PartitionId id) {
    return desk.kept().stream().map(KeptObjects::partition).anyMatch(id::equals);
  }
}
