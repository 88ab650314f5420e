package io.tidelog.app.cli;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.app.node.NodeAddresses;
import io.tidelog.app.node.TidelogNode;
import io.tidelog.app.telemetry.ConsoleLog;
import io.tidelog.gateway.GatewaySettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs one node until it is interrupted or fails; status 1 if it failed. */
@Command(name = "start", description = "start one node")
final class StartCommand implements Callable<Integer> {

  @Option(names = "--port", description = "port for Kafka clients (default 9092)")
  @Nullable Integer port;

  @Option(names = "--admin-port", description = "port of /metrics and /health (default 8080)")
  @Nullable Integer adminPort;

  @Option(names = "--data", paramLabel = "DIR", description = "data folder (default ./data)")
  @Nullable String data;

  @Option(names = "--config", paramLabel = "FILE", description = "properties file")
  @Nullable Path config;

  @Option(
      names = "--object-store",
      paramLabel = "URI",
      description = "file:DIR or s3://bucket/prefix (default: a folder in the data folder)")
  @Nullable String objectStore;

  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description = "an S3-compatible server instead of AWS")
  @Nullable String s3Endpoint;

  @Option(
      names = "--host",
      description = "address to listen on (default localhost); any other needs --unprotected")
  @Nullable String host;

  @Option(
      names = "--unprotected",
      description = "allow a host other than loopback although nobody is authenticated")
  boolean unprotected;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any setting of docs/configuration.md; may be repeated")
  Map<String, String> settings = Map.of();

  @Override
  public Integer call() {
    var read =
        NodeConfig.read(config, System.getenv(), commandLine(), NodeConfig.topicDefaultNames());
    ConsoleLog.level(read.get(NodeSettings.LOG_LEVEL));
    var node = TidelogNode.start(read);
    Runtime.getRuntime().addShutdownHook(new Thread(node::close));
    welcome(node.addresses());
    // A signal ends the process, and the hook the node, while this still waits.
    var failure = node.failed().toCompletableFuture().join();
    System.err.println("tidelog: the node has failed: " + failure.getMessage());
    return 1;
  }

  private Map<String, String> commandLine() {
    var texts = new HashMap<>(this.settings);
    put(texts, NodeSettings.ADMIN_PORT.name(), adminPort);
    put(texts, NodeSettings.DATA_DIR.name(), data);
    put(texts, NodeSettings.OBJECT_STORE.name(), objectStore);
    put(texts, NodeSettings.S3_ENDPOINT.name(), s3Endpoint);
    if (port != null || host != null) {
      texts.put(
          GatewaySettings.LISTENERS.name(),
          "PLAINTEXT://"
              + (host == null ? "localhost" : host)
              + ":"
              + (port == null ? 9092 : port));
    }
    if (unprotected) {
      texts.put(NodeSettings.UNPROTECTED.name(), "true");
    }
    return texts;
  }

  private static void put(Map<String, String> texts, String key, @Nullable Object value) {
    if (value != null) {
      texts.put(key, value.toString());
    }
  }

  private static void welcome(NodeAddresses addresses) {
    System.out.printf(
        """

        Tidelog is ready.
          Kafka clients   %s
          Admin           http://%s/metrics
          Data            %s
          Object store    %s

        Try, in another terminal:
          ./tidelog topics create orders --partitions 3 --bootstrap %1$s
          echo "hello" | ./tidelog produce orders --bootstrap %1$s
          ./tidelog consume orders --from-beginning --bootstrap %1$s

        Ctrl-C stops it.
        """,
        addresses.bootstrap(), addresses.admin(), addresses.data(), addresses.objectStore());
    System.out.flush();
  }
}
