package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody is told who asks what a node would make of its settings. */
class DryRunTest {

  /** As a gateway of a cluster gets it. */
  private static final Map<String, String> GATEWAY =
      Map.of(
          "TIDELOG_PROCESS_ROLES", "gateway",
          "TIDELOG_ETCD_ENDPOINTS", "https://10.40.0.10:2379,https://10.40.1.10:2379",
          "TIDELOG_ETCD_PASSWORD", "open sesame",
          "TIDELOG_OBJECT_STORE", "s3://tide-cold/prod",
          "TIDELOG_S3_REGION", "us-east-1",
          "TIDELOG_HEALTH_LISTENER", "10.40.0.20:8081",
          "TIDELOG_SHUTDOWN_DELAY_MS", "25000",
          "TIDELOG_OTLP_ENDPOINT", "http://127.0.0.1:4318");

  @TempDir Path folder;

  @Test
  void settingsOfTheEnvironmentAreNamedUnlessTheyAreDefaultsAndSecretsAreNot() throws Exception {
    assertThat(told(GATEWAY, 0).lines())
        .contains(
            "process.roles=gateway",
            "tidelog.etcd.endpoints=https://10.40.0.10:2379,https://10.40.1.10:2379",
            "tidelog.etcd.password=(not shown)",
            "tidelog.object.store=s3://tide-cold/prod",
            "tidelog.health.listener=10.40.0.20:8081",
            "tidelog.shutdown.delay.ms=25000",
            "tidelog.otlp.endpoint=http://127.0.0.1:4318")
        .noneMatch(line -> line.startsWith("tidelog.s3.region"))
        .noneMatch(line -> line.contains("sesame"));
  }

  @Test
  void aVariableThatIsNoSettingIsAFailure() throws Exception {
    assertThat(told(Map.of("TIDELOG_ECTD_ENDPOINTS", "127.0.0.1:2379"), 1))
        .contains("tidelog: TIDELOG_ECTD_ENDPOINTS is no setting");
  }

  @Test
  void soIsAValueThatCannotBe() throws Exception {
    assertThat(told(Map.of("TIDELOG_NUM_PARTITIONS", "0"), 1)).contains("num.partitions");
    assertThat(told(Map.of("TIDELOG_HEALTH_LISTENER", "8081"), 1))
        .contains("tidelog: tidelog.health.listener=8081 is not written host:port");
    assertThat(told(Map.of("TIDELOG_OTLP_ENDPOINT", "127.0.0.1:4318"), 1))
        .contains("tidelog: tidelog.otlp.endpoint=127.0.0.1:4318 is not written http://host:port");
    assertThat(told(Map.of("TIDELOG_PROCESS_ROLES", "gateway"), 1))
        .contains("needs a cluster: set tidelog.etcd.endpoints");
  }

  @Test
  void nothingIsStarted() throws Exception {
    assertThat(told(Map.of(), 0)).doesNotContain("ready");
    assertThat(folder.resolve("node")).doesNotExist();
  }

  private String told(Map<String, String> environment, int status) throws Exception {
    Files.deleteIfExists(folder.resolve("node.log"));
    try (var node = new ChildNode(folder, Map.of())) {
      environment.forEach(node::environment);
      var unused = node.launch("--dry-run");
      var ended = node.awaitEnd();
      var text = Files.readString(node.log());
      assertThat(ended).as(text).isEqualTo(status);
      return text;
    }
  }
}
