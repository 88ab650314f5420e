package io.tidelog.app.telemetry;

import io.opentelemetry.api.metrics.Meter;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** The gateway's metrics; {@code docs/metrics.md} explains each. */
public final class GatewayInstruments implements Consumer<Meter> {

  private final IntSupplier connections;
  private final LongSupplier requestBytes;

  public GatewayInstruments(IntSupplier connections, LongSupplier requestBytes) {
    this.connections = connections;
    this.requestBytes = requestBytes;
  }

  @Override
  public void accept(Meter meter) {
    var unused =
        meter
            .gaugeBuilder("tidelog.gateway.connections")
            .ofLongs()
            .setUnit("{connection}")
            .setDescription("Client connections open.")
            .buildWithCallback(to -> to.record(connections.getAsInt()));
    var unusedToo =
        meter
            .gaugeBuilder("tidelog.gateway.request.bytes")
            .ofLongs()
            .setUnit("By")
            .setDescription("Requests received and not yet answered.")
            .buildWithCallback(to -> to.record(requestBytes.getAsLong()));
  }
}
