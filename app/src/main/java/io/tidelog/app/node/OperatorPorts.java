package io.tidelog.app.node;

import static io.tidelog.app.node.NodeParts.await;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.app.admin.AdminRoutes;
import io.tidelog.app.admin.AdminServer;
import io.tidelog.app.admin.HealthRoutes;
import io.tidelog.app.admin.HealthServer;
import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.app.telemetry.NodeMetrics;
import io.tidelog.app.telemetry.OtlpTarget;
import io.tidelog.metadata.api.Endpoint;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node has for those who run it: the admin endpoint, a port for load balancers, and metrics
 * that are sent to a collector.
 *
 * @param health where load balancers ask; null for nowhere
 * @param otlp where metrics are sent; null for nowhere
 */
record OperatorPorts(int adminPort, @Nullable Endpoint health, @Nullable OtlpTarget otlp) {

  /**
   * What the settings say.
   *
   * @throws io.tidelog.core.Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  static OperatorPorts of(NodeConfig config) {
    var health = config.get(NodeSettings.HEALTH_LISTENER);
    return new OperatorPorts(
        config.get(NodeSettings.ADMIN_PORT),
        health.isEmpty() ? null : Advertised.parse(NodeSettings.HEALTH_LISTENER, health),
        OtlpTarget.of(config));
  }

  /**
   * Opens them all, the last of a node's parts.
   *
   * @return the admin port
   */
  int open(
      NodeParts parts,
      int nodeId,
      HealthRoutes health,
      List<Consumer<Meter>> instruments,
      List<AdminRoutes> routes) {
    var metrics = parts.add("metrics", new NodeMetrics(nodeId, instruments, otlp));
    var vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // Else a folder in java.io.tmpdir outlives every process that is killed.
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    parts.add("admin loop", () -> await(vertx.close().toCompletionStage()));
    if (this.health != null) {
      var unused =
          parts
              .add("health", new HealthServer(vertx, health))
              .start(this.health.host(), this.health.port());
    }
    var all = new ArrayList<>(routes);
    all.add(health);
    return parts.add("admin", new AdminServer(vertx, metrics::scrape, all)).start(adminPort);
  }
}
