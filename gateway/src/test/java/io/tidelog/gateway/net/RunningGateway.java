package io.tidelog.gateway.net;

import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.handler.ApiVersionsHandler;
import io.tidelog.gateway.handler.DescribeClusterHandler;
import io.tidelog.gateway.handler.MetadataHandler;
import io.tidelog.gateway.wire.RequestHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** A listener on a free port of the loopbacks, over a cluster in memory. */
final class RunningGateway implements AutoCloseable {

  final RealClock clock = new RealClock();
  final InMemoryCluster cluster = new InMemoryCluster();
  final ClientListener listener;
  final int port;

  private RunningGateway(Map<String, String> settings, List<RequestHandler> more) throws Exception {
    var properties = new HashMap<>(settings);
    properties.putIfAbsent("listeners", "PLAINTEXT://localhost:0");
    var config = GatewayConfig.of(properties);
    var handlers = new ArrayList<>(more);
    handlers.add(new MetadataHandler(cluster, cluster, cluster, () -> true));
    handlers.add(new DescribeClusterHandler(cluster));
    var advertised = new AdvertisedAddresses(config, "localhost");
    listener =
        new ClientListener(
            config, advertised, ApiVersionsHandler.routerOf(cluster, handlers), clock);
    listener.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
    port = advertised.first().port();
    cluster.onListening(port);
  }

  static RunningGateway start() throws Exception {
    return start(Map.of());
  }

  static RunningGateway start(Map<String, String> settings, RequestHandler... more)
      throws Exception {
    return new RunningGateway(settings, List.of(more));
  }

  Admin admin() {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            "localhost:" + port,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            "10000",
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            "5000"));
  }

  /** A socket on which a test sends whatever it likes. */
  RawClient connect() throws Exception {
    return new RawClient("127.0.0.1", port);
  }

  @Override
  public void close() {
    listener.close();
  }
}
