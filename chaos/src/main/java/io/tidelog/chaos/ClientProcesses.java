package io.tidelog.chaos;

import io.tidelog.chaos.client.ClientMain;
import io.tidelog.chaos.client.Workload;
import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.HistoryReader;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The client processes of a run, each on a machine of its own with a history of its own. */
final class ClientProcesses implements AutoCloseable {

  /** A producer waits half a minute for what it sent last, and an admin's call takes a while. */
  private static final long STOP_TIMEOUT_MS = 60_000;

  private static final long FINAL_TIMEOUT_MS = 240_000;

  private final Network network;
  private final Path folder;
  private final String bootstrap;
  private final Random random;
  private final Map<Server, Workload> running = new LinkedHashMap<>();
  private final List<Path> histories = new ArrayList<>();
  private int last;

  /**
   * @param folder for histories and outputs
   */
  ClientProcesses(Network network, Path folder, String bootstrap, long seed) {
    this.network = network;
    this.folder = folder;
    this.bootstrap = bootstrap;
    this.random = new Random(seed);
  }

  void start(Workload workload) throws IOException {
    running.put(launch(workload.name()), workload);
  }

  private Server launch(String workload) throws IOException {
    int process = ++last;
    var host = network.add("client-" + process);
    var own = Files.createDirectories(folder.resolve(host.name()));
    var history = own.resolve("history");
    histories.add(history);
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlogback.configurationFile=chaos-logback.xml",
            "-Dchaos.log=WARN",
            "-cp",
            System.getProperty("java.class.path"),
            ClientMain.class.getName(),
            workload,
            Integer.toString(process),
            Long.toString(random.nextLong()),
            bootstrap,
            history.toString());
    var client = new Server(network, host, command, Map.of(), own);
    client.start();
    return client;
  }

  /** Kills one that may be killed and starts another of its kind; says which. */
  String replaceOne(int dice) throws IOException {
    var victims = new ArrayList<>(running.keySet());
    var victim = victims.get(dice % victims.size());
    var workload = running.remove(victim);
    victim.kill();
    if (workload == null) {
      throw new IllegalStateException("no workload of " + victim.name());
    }
    start(workload);
    return victim.name() + " of " + workload;
  }

  /** Lets all end in order; tells those that did not. */
  List<String> stop() throws IOException {
    var problems = new ArrayList<String>();
    for (var client : running.keySet()) {
      if (client.isRunning()) {
        client.endInput();
      }
    }
    for (var client : running.keySet()) {
      if (!client.awaitEnd(STOP_TIMEOUT_MS)) {
        problems.add(client.name() + " did not end as it should, see " + client.output());
        client.kill();
      }
    }
    return problems;
  }

  /** Reads everything once; tells why it could not. */
  List<String> readAll() throws IOException {
    var reader = launch(ClientMain.FINAL);
    boolean isFine = reader.awaitEnd(FINAL_TIMEOUT_MS);
    reader.kill();
    return isFine
        ? List.of()
        : List.of("the final reading did not reach its end, see " + reader.output());
  }

  List<ClientHistory> histories() throws IOException {
    var all = new ArrayList<ClientHistory>();
    for (var file : histories) {
      // A client may be killed before it has begun.
      if (Files.exists(file)) {
        all.add(HistoryReader.read(file));
      }
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    for (var client : running.keySet()) {
      client.close();
    }
  }
}
