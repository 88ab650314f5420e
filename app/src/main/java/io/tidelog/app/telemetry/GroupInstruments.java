package io.tidelog.app.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.tidelog.coordinator.GroupReading;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The metrics of consumer groups, as Kafka's coordinator measures them itself; {@code
 * docs/metrics.md} explains each. There are none before the first group.
 */
public final class GroupInstruments implements Consumer<Meter> {

  private final Supplier<List<GroupReading>> readings;

  public GroupInstruments(Supplier<List<GroupReading>> readings) {
    this.readings = readings;
  }

  @Override
  public void accept(Meter meter) {
    gauge(meter, "tidelog.groups", "{group}", "Groups by protocol.", "group-count");
    gauge(
        meter,
        "tidelog.groups.consumer",
        "{group}",
        "Groups of the consumer protocol by state.",
        "consumer-group-count");
    gauge(
        meter,
        "tidelog.groups.partitions",
        "{partition}",
        "Partitions of __consumer_offsets by state.",
        "num-partitions");
    gauge(
        meter,
        "tidelog.groups.queue",
        "{event}",
        "Events that wait for the coordinator.",
        "event-queue-size");
    counter(
        meter,
        "tidelog.groups.offset.commits",
        "{offset}",
        "Offsets committed.",
        "offset-commit-count");
    counter(
        meter,
        "tidelog.groups.offset.expirations",
        "{offset}",
        "Offsets forgotten after their retention.",
        "offset-expiration-count");
    counter(
        meter,
        "tidelog.groups.rebalances.classic",
        "{rebalance}",
        "Rebalances of classic groups that ended.",
        "group-completed-rebalance-count");
    counter(
        meter,
        "tidelog.groups.rebalances.consumer",
        "{rebalance}",
        "Rebalances of groups of the consumer protocol.",
        "consumer-group-rebalance-count");
  }

  private void gauge(Meter meter, String name, String unit, String what, String kafkaName) {
    var unused =
        meter
            .gaugeBuilder(name)
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> record(kafkaName, to));
  }

  private void counter(Meter meter, String name, String unit, String what, String kafkaName) {
    var unused =
        meter
            .counterBuilder(name)
            .ofDoubles()
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(to -> record(kafkaName, to));
  }

  private void record(String kafkaName, ObservableDoubleMeasurement to) {
    for (var reading : readings.get()) {
      if (reading.name().equals(kafkaName)) {
        var tags = Attributes.builder();
        reading.tags().forEach(tags::put);
        to.record(reading.value(), tags.build());
      }
    }
  }
}
