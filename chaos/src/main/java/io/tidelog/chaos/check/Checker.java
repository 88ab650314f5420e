package io.tidelog.chaos.check;

import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Place;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges the histories of all clients of a run, the final reading among them. What is unknown is
 * resolved by what was seen: it may have happened or not, but once somebody saw it, it must have.
 *
 * <p>The checks are those of Jepsen's Kafka workload, written anew, with those of groups, delay
 * topics and topics themselves. Needed: values are unique in a partition and grow within one life
 * of a producer; the final reading came after every writer had stopped and every delay had passed.
 */
public final class Checker {

  private Checker() {}

  /**
   * @param rules of topics that are not plain
   */
  public static Verdict check(List<ClientHistory> histories, Map<String, TopicRule> rules) {
    var observed = Observed.of(histories);
    var findings = new Findings();
    var logs = new HashMap<Place, FinalLog>();
    for (var place : observed.places()) {
      var rule = rules.getOrDefault(place.topic(), TopicRule.PLAIN);
      var log = FinalLog.of(observed, place);
      logs.put(place, log);
      new PartitionCheck(observed, place, rule, log, findings).run();
      var sessions = new SessionCheck(place, log, findings);
      observed.seen(place).forEach(sessions::run);
      EndCheck.run(observed, place, rule, findings);
    }
    for (var where : observed.groupPlaces()) {
      var log = logs.computeIfAbsent(where.place(), place -> FinalLog.of(observed, place));
      new GroupCheck(observed, where, findings).run(log);
    }
    observed
        .topicWishes()
        .forEach((topic, wishes) -> new TopicCheck(observed, topic, wishes, findings).run());
    return findings.verdict();
  }
}
