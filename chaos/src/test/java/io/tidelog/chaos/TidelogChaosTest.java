package io.tidelog.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster of real processes under every fault that this machine allows, for {@code
 * -Dtidelog.chaos.seconds=N}, by {@code -Dtidelog.seed=N}.
 */
class TidelogChaosTest {

  /** Deals a wiped, a full disk, outages of both stores and kills of both leaders early. */
  private static final long SEED = Long.getLong("tidelog.seed", 156_672);

  private static final int SECONDS = Integer.getInteger("tidelog.chaos.seconds", 300);

  /** To start, to drain and to read everything. */
  private static final long MORE_SECONDS = 300;

  /** What a broken promise can be looked into with. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void aClusterKeepsWhatItPromisesWhileItIsBroken() throws IOException, InterruptedException {
    var ended =
        ChildRun.run(
            folder.resolve("output"),
            List.of(
                "chaos",
                "--seconds=" + SECONDS,
                "--seed=" + SEED,
                "--dir=" + folder.resolve("run")),
            SECONDS + MORE_SECONDS);
    System.out.println(ended.output());
    assertThat(ended.status()).as(ended.output()).isZero();
  }
}
