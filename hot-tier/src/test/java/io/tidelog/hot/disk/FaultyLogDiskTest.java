package io.tidelog.hot.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FaultyLogDiskTest extends LogDiskContract {

  private final FaultyLogDisk disk = new FaultyLogDisk(new Random(1));

  @Override
  LogDisk disk() {
    return disk;
  }

  @Test
  void whatWasSyncedSurvivesACrash() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      var crashing = new FaultyLogDisk(new Random(seed));
      var file = crashing.create("a");
      file.write(bytes(1, 2, 3), 0);
      file.sync();
      crashing.syncDirectory();
      file.write(bytes(9), 3);
      crashing.crash();
      assertThat(crashing.contents("a")).startsWith(1, 2, 3);
    }
  }
}
