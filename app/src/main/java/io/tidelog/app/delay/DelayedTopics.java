package io.tidelog.app.delay;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.DelayedLog;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicImage;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** Pending records by the names of their topics. Safe to call from any thread. */
public final class DelayedTopics {

  private static final Comparator<TopicPending> MOST_RECORDS_FIRST =
      Comparator.comparingLong(TopicPending::records).reversed().thenComparing(TopicPending::topic);

  private final DelayedLog log;
  private final ClusterImages images;

  public DelayedTopics(DelayedLog log, ClusterImages images) {
    this.log = log;
    this.images = images;
  }

  /** Every topic of which something is pending, those with most records first. */
  public List<TopicPending> pending() {
    var cluster = images.current();
    Map<String, TopicPending> byTopic = new HashMap<>();
    for (var pending : log.pending()) {
      var topic = cluster.topic(pending.at().id().topicId());
      if (topic != null) { // else it is being deleted
        byTopic.merge(topic.name(), of(topic.name(), pending), TopicPending::plus);
      }
    }
    return byTopic.values().stream().sorted(MOST_RECORDS_FIRST).toList();
  }

  private static TopicPending of(String topic, PendingRecords pending) {
    return new TopicPending(
        topic,
        pending.at().config().delayMs(),
        1,
        pending.count(),
        pending.sizeBytes(),
        pending.nextDueMs(),
        pending.lastDueMs());
  }

  /**
   * Makes everything due that was appended to a topic so far.
   *
   * @return completes when it is durable; fails with {@code UNKNOWN_TOPIC_OR_PARTITION}, and with
   *     {@code INVALID_REQUEST} when nothing is delayed there, now or from before {@code delay.ms}
   *     was set to 0
   */
  public CompletionStage<Void> deliver(String name) {
    var topic = images.current().topic(name);
    if (topic == null) {
      return refused(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic " + name);
    }
    if (topic.effective().partition().delayMs() == 0 && !isPending(topic)) {
      return refused(
          Refusal.INVALID_REQUEST, name + " is no delay topic: its delay.ms is 0, nothing waits");
    }
    return log.deliverPending(
        IntStream.range(0, topic.partitionCount()).mapToObj(topic::partition).toList());
  }

  private boolean isPending(TopicImage topic) {
    return log.pending().stream()
        .anyMatch(pending -> pending.at().id().topicId().equals(topic.id()));
  }

  private static CompletionStage<Void> refused(Refusal refusal, String why) {
    return CompletableFuture.failedStage(new Fault.Refused(refusal, why));
  }
}
