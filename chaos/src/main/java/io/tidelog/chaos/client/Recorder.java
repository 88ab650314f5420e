package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.HistoryWriter;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Stamp;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;

/** Gives operations and sessions their numbers and every event its time. Safe for all threads. */
final class Recorder {

  private final HistoryWriter history;
  private final AtomicLong ops = new AtomicLong();
  private final AtomicInteger sessions = new AtomicInteger();

  Recorder(HistoryWriter history) {
    this.history = history;
  }

  static Stamp now() {
    return new Stamp(System.nanoTime(), System.currentTimeMillis());
  }

  static Place place(TopicPartition partition) {
    return new Place(partition.topic(), partition.partition());
  }

  /** Gives the operation's number. */
  long sendInvoked(Place place, long value) {
    long op = ops.incrementAndGet();
    history.add(new Event.SendInvoked(now(), op, place, value));
    return op;
  }

  void sendDone(long op, Outcome outcome, long offset, String error) {
    history.add(new Event.SendDone(now(), op, outcome, offset, error));
  }

  int session(Reading reading, String group) {
    int session = sessions.incrementAndGet();
    history.add(new Event.SessionStarted(now(), session, reading, group));
    return session;
  }

  void assigned(int session, TopicPartition partition, long position) {
    history.add(new Event.Assigned(now(), session, place(partition), position));
  }

  void revoked(int session, TopicPartition partition) {
    history.add(new Event.Revoked(now(), session, place(partition)));
  }

  void polled(int session, TopicPartition partition, long offset, long value) {
    history.add(new Event.Polled(now(), session, place(partition), offset, value));
  }

  long commitInvoked(int session, String group, TopicPartition partition, long offset) {
    long op = ops.incrementAndGet();
    history.add(new Event.CommitInvoked(now(), op, session, group, place(partition), offset));
    return op;
  }

  void commitDone(long op, Outcome outcome, String error) {
    history.add(new Event.CommitDone(now(), op, outcome, error));
  }

  void committedSeen(long invokedNs, String group, TopicPartition partition, long offset) {
    history.add(new Event.CommittedSeen(now(), invokedNs, group, place(partition), offset));
  }

  void endSeen(long invokedNs, TopicPartition partition, long end) {
    history.add(new Event.EndSeen(now(), invokedNs, place(partition), end));
  }

  void finalBounds(TopicPartition partition, long start, long end) {
    history.add(new Event.FinalBounds(now(), place(partition), start, end));
  }

  long topicInvoked(Event.TopicAction action, String topic, long number) {
    long op = ops.incrementAndGet();
    history.add(new Event.TopicInvoked(now(), op, action, topic, number));
    return op;
  }

  void topicDone(long op, Outcome outcome, String error) {
    history.add(new Event.TopicDone(now(), op, outcome, error));
  }

  void topicSeen(long invokedNs, String topic, String id, int partitions, long retentionMs) {
    history.add(new Event.TopicSeen(now(), invokedNs, topic, id, partitions, retentionMs));
  }

  long moveInvoked(TopicPartition partition, String replicas) {
    long op = ops.incrementAndGet();
    history.add(new Event.MoveInvoked(now(), op, place(partition), replicas));
    return op;
  }

  void moveDone(long op, Outcome outcome, String error) {
    history.add(new Event.MoveDone(now(), op, outcome, error));
  }

  void finalTopics() {
    history.add(new Event.FinalTopics(now()));
  }
}
