package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.gateway.net.GatewayStats;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The metrics of client connections; {@code docs/metrics.md} explains each. */
public final class GatewayInstruments implements Consumer<Meter> {

  private final Supplier<GatewayStats> stats;

  public GatewayInstruments(Supplier<GatewayStats> stats) {
    this.stats = stats;
  }

  @Override
  public void accept(Meter meter) {
    var all = new StatsInstruments<>(meter, stats);
    all.gauge(
        "tidelog.gateway.connections",
        "{connection}",
        "Client connections open.",
        GatewayStats::openConnections);
    all.counter(
        "tidelog.gateway.accepted",
        "{connection}",
        "Connections taken.",
        GatewayStats::acceptedConnections);
    all.counter(
        "tidelog.gateway.refused",
        "{connection}",
        "Connections closed at once, over a limit.",
        GatewayStats::refusedConnections);
    all.counter(
        "tidelog.gateway.closed.for.cause",
        "{connection}",
        "Connections closed for what they sent, or did not send in time.",
        GatewayStats::closedForCause);
    all.counter(
        "tidelog.gateway.requests", "{request}", "Requests handled.", GatewayStats::requests);
    all.gauge(
        "tidelog.gateway.request.bytes",
        "By",
        "Requests received and not yet answered.",
        GatewayStats::requestBytes);
  }
}
