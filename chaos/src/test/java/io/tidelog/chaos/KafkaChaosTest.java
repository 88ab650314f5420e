package io.tidelog.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself, held against a server that is known to keep what it acknowledged. */
class KafkaChaosTest {

  private static final long SEED = Long.getLong("tidelog.seed", 4_711);
  private static final long TIMEOUT_S = 400;

  /** What a broken promise can be looked into with. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void apacheKafkaLosesNothingWhenItIsKilled() throws IOException, InterruptedException {
    var ended =
        ChildRun.run(
            folder.resolve("output"),
            List.of(
                "chaos",
                "--against=kafka",
                "--nodes=1",
                "--seconds=30",
                "--workload=W1",
                "--faults=kill-controller",
                "--seed=" + SEED,
                "--dir=" + folder.resolve("run")),
            TIMEOUT_S);
    assertThat(ended.output()).contains("kill-controller kafka-1", "No violation.");
    assertThat(ended.status()).as(ended.output()).isZero();
  }
}
