package io.tidelog.chaos.check;

import io.tidelog.chaos.check.Observed.TopicWish;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Event.TopicAction;
import io.tidelog.chaos.history.Outcome;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What became of one topic in the end: there if it was created, gone if it was deleted, as large
 * and set as was agreed on. In between nodes may know it late.
 */
final class TopicCheck {

  private final Observed observed;
  private final String topic;
  private final List<TopicWish> wishes;
  private final Findings findings;

  TopicCheck(Observed observed, String topic, List<TopicWish> wishes, Findings findings) {
    this.observed = observed;
    this.topic = topic;
    this.wishes = wishes;
    this.findings = findings;
  }

  void run() {
    var creations = wishes.stream().filter(wish -> is(wish, TopicAction.CREATE)).toList();
    var spot = observed.finalListing();
    // A creation whose outcome is unknown may come true after the deletion.
    if (spot == null || creations.size() != 1 || creations.getFirst().outcome() != Outcome.OK) {
      return;
    }
    checkIds(spot);
    var deletions = wishes.stream().filter(wish -> is(wish, TopicAction.DELETE)).toList();
    var there = observed.finalTopic(topic);
    if (deletions.isEmpty()) {
      if (there == null) {
        findings.add(
            Anomaly.TOPIC_LOST, topic, "created and not there", creations.getFirst().spot());
      } else {
        checkPartitions(there, spot);
        checkRetention(there, spot);
      }
    } else if (there != null && deletions.stream().anyMatch(wish -> wish.outcome() == Outcome.OK)) {
      findings.add(
          Anomaly.TOPIC_RESURRECTED,
          topic,
          "deleted and there with id " + there.id(),
          deletions.getFirst().spot());
    }
  }

  private void checkIds(Spot spot) {
    var ids =
        observed.topicsSeen(topic).stream().map(Event.TopicSeen::id).collect(Collectors.toSet());
    if (ids.size() > 1) {
      findings.add(Anomaly.TOPIC_CHANGED, topic, "seen with ids " + ids, spot);
    }
  }

  private void checkPartitions(Event.TopicSeen there, Spot spot) {
    var agreed = new Register();
    add(agreed, TopicAction.CREATE);
    add(agreed, TopicAction.ADD_PARTITIONS);
    long found = there.partitions();
    if (agreed.judge(there.invokedNs(), there.at().ns(), found) != Register.Reading.FINE) {
      findings.add(
          Anomaly.PARTITIONS_LOST,
          topic,
          "has " + found + ", agreed on were " + texts(agreed),
          spot);
    }
  }

  private void checkRetention(Event.TopicSeen there, Spot spot) {
    var set = new Register();
    add(set, TopicAction.SET_RETENTION);
    if (set.writes().stream().noneMatch(Commit::isOk) || there.retentionMs() < 0) {
      return;
    }
    long found = there.retentionMs();
    if (set.judge(there.invokedNs(), there.at().ns(), found) != Register.Reading.FINE) {
      findings.add(
          Anomaly.SETTING_LOST, topic, "retention " + found + ", set were " + texts(set), spot);
    }
  }

  private void add(Register register, TopicAction action) {
    for (var wish : wishes) {
      if (is(wish, action)) {
        register.add(
            new Commit(
                wish.spot(),
                topic,
                wish.wish().at().ns(),
                wish.outcome(),
                wish.doneNs(),
                wish.wish().number()));
      }
    }
  }

  private static String texts(Register register) {
    return register.writes().stream()
        .map(write -> write.value() + (write.isOk() ? "" : "?"))
        .collect(Collectors.joining(" "));
  }

  private static boolean is(TopicWish wish, TopicAction action) {
    return wish.wish().action() == action;
  }
}
