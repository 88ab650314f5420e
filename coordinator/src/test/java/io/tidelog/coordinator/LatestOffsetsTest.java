package io.tidelog.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatestOffsetsTest {

  @Test
  void aTombstoneHidesOlderRecordsAndIsNotAlive() {
    var latest = new LatestOffsets();
    var key = new KeyHash(1, 2);
    latest.put(key, 10, 100);
    latest.put(key, 11, 0);

    assertThat(latest.isLatest(key, 10)).isFalse();
    assertThat(latest.isLatest(key, 11)).isTrue();
    assertThat(latest.liveBytes()).isZero();
    assertThat(latest.count()).isOne();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithAHashMapHoweverKeysCollide(long seed) {
    var random = new Random(seed);
    var latest = new LatestOffsets();
    var model = new HashMap<KeyHash, long[]>();
    for (int step = 0; step < 20_000; step++) {
      var key = new KeyHash(random.nextInt(40) * 16L, random.nextInt(12));
      if (random.nextInt(4) == 0) {
        latest.remove(key);
        model.remove(key);
      } else {
        int size = random.nextInt(50);
        latest.put(key, step, size);
        model.put(key, new long[] {step, size});
      }
    }

    assertThat(latest.count()).as("seed %s", seed).isEqualTo(model.size());
    assertThat(latest.liveBytes()).isEqualTo(model.values().stream().mapToLong(v -> v[1]).sum());
    model.forEach((key, value) -> assertThat(latest.isLatest(key, value[0])).isTrue());
  }
}
