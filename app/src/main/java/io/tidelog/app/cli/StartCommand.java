package io.tidelog.app.cli;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.app.node.NodeAddresses;
import io.tidelog.app.node.TidelogNode;
import io.tidelog.app.telemetry.ConsoleLog;
import io.tidelog.gateway.GatewaySettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs one node until it is interrupted or fails; status 1 if it failed. */
@Command(
    name = "start",
    description = {
      "Start one node; Ctrl-C or SIGTERM stops it.",
      "Behind each option stands its key in the properties file; in the environment a key such as"
          + " log.dir is TIDELOG_LOG_DIR. An option wins over the environment, that over the file."
    })
final class StartCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(StartCommand.class);

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "port for Kafka clients (default 9092); replaces listeners")
  @Nullable Integer port;

  @Option(
      names = "--admin-port",
      paramLabel = "N",
      description = "port of /metrics and /health (default 8080); tidelog.admin.port")
  @Nullable Integer adminPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data folder (default ./data); log.dir")
  @Nullable String data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "properties file; in the environment " + NodeConfig.CONFIG_VARIABLE)
  @Nullable Path config;

  @Option(
      names = "--object-store",
      paramLabel = "URI",
      description =
          "file:DIR or s3://bucket/prefix (default: a folder in the data folder);"
              + " tidelog.object.store")
  @Nullable String objectStore;

  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description = "an S3-compatible server instead of AWS; tidelog.s3.endpoint")
  @Nullable String s3Endpoint;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "address to listen on (default localhost), any other needs --unprotected; replaces"
              + " listeners")
  @Nullable String host;

  @Option(
      names = "--unprotected",
      description =
          "allow a host other than loopback although nobody is authenticated;"
              + " tidelog.listener.unprotected.enable")
  boolean unprotected;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any setting of docs/configuration.md; may be repeated")
  Map<String, String> settings = Map.of();

  @Option(
      names = "--dry-run",
      description =
          "start nothing: print what differs from the defaults; status 1 when a value cannot be or a"
              + " variable TIDELOG_... of the environment is no setting")
  boolean dryRun;

  @Override
  public Integer call() {
    var read =
        NodeConfig.read(
            propertiesFile(), System.getenv(), commandLine(), NodeConfig.topicDefaultNames());
    var unknown =
        NodeConfig.unknownVariables(System.getenv().keySet(), NodeConfig.topicDefaultNames());
    if (dryRun) {
      return tell(read, unknown);
    }
    ConsoleLog.level(read.get(NodeSettings.LOG_LEVEL));
    for (var name : unknown) {
      LOG.warn("environment variable is no setting, name={}", name);
    }
    var node = TidelogNode.start(read);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  node.close();
                  LOG.info("node stopped");
                }));
    welcome(node.addresses());
    // A signal ends the process, and the hook the node, while this still waits.
    var failure = node.failed().toCompletableFuture().join();
    System.err.println("tidelog: the node has failed: " + failure.getMessage());
    return 1;
  }

  private static int tell(NodeConfig read, List<String> unknown) {
    read.changed().forEach((key, value) -> System.out.println(key + "=" + value));
    System.out.flush();
    TidelogNode.check(read);
    unknown.forEach(name -> System.err.println("tidelog: " + name + " is no setting"));
    return unknown.isEmpty() ? 0 : 1;
  }

  private @Nullable Path propertiesFile() {
    var inEnvironment = System.getenv(NodeConfig.CONFIG_VARIABLE);
    return config == null && inEnvironment != null ? Path.of(inEnvironment) : config;
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

        %sCtrl-C stops it.
        """,
        addresses.bootstrap(),
        addresses.admin(),
        addresses.data(),
        addresses.objectStore(),
        addresses.bootstrap().equals(NodeAddresses.NONE) ? "" : whatToTry(addresses));
    System.out.flush();
  }

  private static String whatToTry(NodeAddresses addresses) {
    // What the commands assume need not be typed.
    var where =
        addresses.bootstrap().equals(ClientOptions.DEFAULT_BOOTSTRAP)
            ? ""
            : " --bootstrap " + addresses.bootstrap();
    return """
        Try, in another terminal:
          %2$s topics create orders --partitions 3%1$s
          echo "hello" | %2$s produce orders%1$s
          %2$s consume orders --from-beginning%1$s

        """
        .formatted(where, TidelogCommand.NAME);
  }
}
