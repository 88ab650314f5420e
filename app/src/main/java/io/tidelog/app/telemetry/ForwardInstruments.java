package io.tidelog.app.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.tidelog.gateway.wire.ForwardStats;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The metrics of what a gateway asks of the nodes that lead; {@code docs/metrics.md} explains each.
 * An API is shown from its first request on; those of records always.
 */
public final class ForwardInstruments implements Consumer<Meter> {

  private static final AttributeKey<String> API = AttributeKey.stringKey("api");
  private static final Set<ApiKeys> ALWAYS = Set.of(ApiKeys.PRODUCE, ApiKeys.FETCH);

  private final Supplier<List<ForwardStats>> stats;

  public ForwardInstruments(Supplier<List<ForwardStats>> stats) {
    this.stats = stats;
  }

  @Override
  public void accept(Meter meter) {
    counter(
        meter,
        "tidelog.forward.requests",
        "{request}",
        "Requests passed on to other nodes.",
        ForwardStats::requests);
    counter(meter, "tidelog.forward.sent.bytes", "By", "Of them.", ForwardStats::sentBytes);
    counter(
        meter,
        "tidelog.forward.answers",
        "{answer}",
        "Answers of other nodes.",
        ForwardStats::answers);
    counter(meter, "tidelog.forward.answer.bytes", "By", "Of them.", ForwardStats::answerBytes);
    counter(
        meter,
        "tidelog.forward.answer.time",
        "us",
        "Time from these requests to their answers.",
        ForwardStats::answerMicros);
    counter(
        meter,
        "tidelog.forward.lost",
        "{request}",
        "Requests that no node answered.",
        ForwardStats::lost);
  }

  private void counter(
      Meter meter, String name, String unit, String what, ToLongFunction<ForwardStats> value) {
    var unused =
        meter
            .counterBuilder(name)
            .setUnit(unit)
            .setDescription(what)
            .buildWithCallback(
                to -> {
                  for (var one : stats.get()) {
                    if (one.requests() > 0 || ALWAYS.contains(one.api())) {
                      to.record(value.applyAsLong(one), Attributes.of(API, one.api().name));
                    }
                  }
                });
  }
}
