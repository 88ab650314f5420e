package io.tidelog.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./tidelog cluster} by its commands, with one node, which is enough to see them work. */
class ClusterCommandTest {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(300);
  private static final Duration END_TIMEOUT = Duration.ofSeconds(60);
  private static final long COMMAND_TIMEOUT_S = 300;

  @TempDir Path folder;
  private Path data;
  private Path output;
  private int port;
  private Process cluster;

  @BeforeEach
  void start() throws IOException {
    data = folder.resolve("data");
    output = folder.resolve("output");
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    cluster = ChildRun.start(output, arguments("start"));
    await()
        .atMost(START_TIMEOUT)
        .until(
            () -> !cluster.isAlive() || Files.readString(output).contains("The cluster is ready."));
    assertThat(Files.readString(output)).contains("The cluster is ready.");
  }

  @AfterEach
  void endWhateverIsLeft() throws Exception {
    command("stop");
    cluster.toHandle().destroyForcibly();
  }

  @Test
  void isBrokenMendedAndStoppedFromAnotherTerminal() throws Exception {
    assertServesClients();
    assertThat(command("status").output()).contains("hot-1", "etcd-3", "s3", "leader of etcd");
    assertThat(command("kill", "hot-1").status()).isZero();
    assertThat(command("status").output()).containsPattern("hot-1 +ended");
    assertThat(command("start", "hot-1").status()).isZero();
    assertThat(command("pause", "etcd-2").status()).isZero();
    assertThat(command("status").output()).containsPattern("etcd-2 +paused");
    var isolated = command("isolate", "hot-1");
    assertThat(isolated.status()).as(isolated.output()).isZero();
    assertThat(command("status").output()).containsPattern("hot-1 +cut off");
    assertThat(command("heal").status()).isZero();
    assertServesClients();
    assertStatusWithoutEtcd();
    assertThat(command("kill", "nobody").output())
        .contains("no server \"nobody\"; there are hot-1");
    var second = command("start");
    assertThat(second.output()).contains("runs in", "already");
    assertThat(second.status()).isEqualTo(1);
    assertThat(command("stop").output()).contains("Stopped.");
    assertThat(cluster.waitFor()).isZero();
    assertNothingRuns();
  }

  @Test
  void nothingIsLeftWhenItsFirstProcessIsKilled() throws Exception {
    // The starter, five servers, and what keeps a world.
    assertThat(processes()).hasSizeGreaterThan(5);
    cluster.toHandle().destroyForcibly();
    cluster.onExit().join();
    command("stop");
    assertNothingRuns();
  }

  private void assertStatusWithoutEtcd() throws Exception {
    for (var member : List.of("etcd-1", "etcd-2", "etcd-3")) {
      assertThat(command("kill", member).status()).isZero();
    }
    var status = command("status");
    assertThat(status.status()).as(status.output()).isZero();
    assertThat(status.output())
        .containsPattern("etcd-2 +ended")
        .containsPattern("hot-1 +running")
        .contains("etcd does not say who is controller");
    assertThat(command("heal").status()).isZero();
  }

  private void assertServesClients() throws Exception {
    var config =
        Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port);
    try (var admin = Admin.create(config)) {
      await()
          .atMost(START_TIMEOUT)
          .ignoreExceptions()
          .until(() -> admin.describeCluster().nodes().get().size() == 1);
    }
  }

  private void assertNothingRuns() {
    await().atMost(END_TIMEOUT).untilAsserted(() -> assertThat(processes()).isEmpty());
  }

  /** Command lines that name our folder; read by ourselves, as long ones are cut off elsewhere. */
  private List<String> processes() throws IOException {
    var found = new ArrayList<String>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (var process : all.filter(each -> each.toString().matches("/proc/\\d+")).toList()) {
        try {
          var line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
          if (line.contains(data.toString())) {
            found.add(process + " " + line.replace('\0', ' '));
          }
        } catch (IOException ended) {
          // Between the listing and our look.
        }
      }
    }
    return found;
  }

  private ChildRun.Ended command(String... words) throws IOException, InterruptedException {
    return ChildRun.run(folder.resolve("answer"), arguments(words), COMMAND_TIMEOUT_S);
  }

  private List<String> arguments(String... words) {
    var all = new ArrayList<String>();
    all.add("cluster");
    all.addAll(List.of(words));
    all.addAll(List.of("--dir=" + data, "--port=" + port, "--hot=1", "--combined"));
    return all;
  }
}
