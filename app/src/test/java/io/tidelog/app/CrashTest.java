package io.tidelog.app;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} at random moments under an idempotent load with offloading. */
class CrashTest {

  /**
   * With the kills and cuts of {@link PowerCutTest} a hundred; all of them where that cannot run.
   */
  private static final int KILLS = Integer.getInteger("tidelog.crash.kills", 40);

  private static final int MAX_ACKS_BETWEEN_KILLS = 3_000;

  @TempDir Path folder;

  @Test
  void aKillLosesDoublesOrReordersNothingAcknowledged() throws Exception {
    long seed = Long.getLong("tidelog.seed", System.nanoTime());
    System.out.println("CrashTest seed " + seed);
    var random = new Random(seed);
    try (var node = new ChildNode(folder, IdempotentLoad.SETTINGS)) {
      node.start();
      try (var load = IdempotentLoad.start(node.bootstrap())) {
        for (int kill = 0; kill < KILLS; kill++) {
          load.leaveWitness();
          load.awaitAcknowledged(1 + random.nextInt(MAX_ACKS_BETWEEN_KILLS));
          node.kill();
          node.start();
          load.checkWitness();
        }
        load.finish();
        load.checkNothingIsLostDoubledOrReordered();
        new ColdObjects(folder.resolve("node").resolve("objects")).awaitNoOrphan();
      }
    }
  }
}
