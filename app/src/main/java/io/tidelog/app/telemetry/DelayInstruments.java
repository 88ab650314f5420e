package io.tidelog.app.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.tidelog.app.delay.TopicPending;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongBinaryOperator;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What is pending, by topic; {@code docs/metrics.md} explains each. Topics are as many as users
 * make, series are not: the topics with the fewest pending records share one.
 */
public final class DelayInstruments implements Consumer<Meter> {

  /** No topic can have this name. */
  private static final String OTHERS = "(others)";

  private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("topic");
  private static final long MS_PER_S = 1_000;

  private final Supplier<List<TopicPending>> pending;
  private final int maxTopics;

  /**
   * @param pending those with most records first
   * @param maxTopics how many have series of their own
   */
  public DelayInstruments(Supplier<List<TopicPending>> pending, int maxTopics) {
    this.pending = pending;
    this.maxTopics = maxTopics;
  }

  @Override
  public void accept(Meter meter) {
    var records = gauge(meter, "tidelog.delay.pending.records", "{record}", "Records not due yet.");
    var bytes = gauge(meter, "tidelog.delay.pending.bytes", "By", "Bytes not due yet.");
    var next =
        gauge(meter, "tidelog.delay.next.due", "s", "When the first is due, since the epoch.");
    var last = gauge(meter, "tidelog.delay.last.due", "s", "When all are due, since the epoch.");
    var unused =
        meter.batchCallback(
            () -> {
              var topics = pending.get();
              record(records, topics, TopicPending::records, Long::sum);
              record(bytes, topics, TopicPending::sizeBytes, Long::sum);
              record(next, topics, topic -> topic.nextDueMs() / MS_PER_S, Math::min);
              record(last, topics, topic -> topic.lastDueMs() / MS_PER_S, Math::max);
            },
            records,
            bytes,
            next,
            last);
  }

  private static ObservableLongMeasurement gauge(
      Meter meter, String name, String unit, String what) {
    return meter.gaugeBuilder(name).ofLongs().setUnit(unit).setDescription(what).buildObserver();
  }

  private void record(
      ObservableLongMeasurement to,
      List<TopicPending> topics,
      ToLongFunction<TopicPending> value,
      LongBinaryOperator combine) {
    topics.stream()
        .limit(maxTopics)
        .forEach(topic -> to.record(value.applyAsLong(topic), Attributes.of(TOPIC, topic.topic())));
    topics.stream()
        .skip(maxTopics)
        .mapToLong(value)
        .reduce(combine)
        .ifPresent(others -> to.record(others, Attributes.of(TOPIC, OTHERS)));
  }
}
