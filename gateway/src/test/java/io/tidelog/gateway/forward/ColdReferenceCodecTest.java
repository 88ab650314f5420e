package io.tidelog.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ColdReferenceCodecTest {

  private static final long SEED = 5;

  private final PartitionId id = new PartitionId(new UUID(1, 2), 3);

  @Test
  void whatANodeTellsIsWhatAGatewayReads() {
    var random = new Random(SEED);
    for (int run = 0; run < 500; run++) {
      var references = new ArrayList<ColdReference>();
      int count = 1 + random.nextInt(8);
      for (int i = 0; i < count; i++) {
        references.add(reference(random));
      }
      var at = snapshot(random);
      var read = ColdReferenceCodec.decode(id, ColdReferenceCodec.encode(at, references));
      assertThat(read).as("seed %s", SEED).isNotNull();
      assertThat(read.references()).isEqualTo(references);
      assertThat(read.at())
          .usingRecursiveComparison()
          .ignoringFields("config", "hotBytes", "totalBytes")
          .isEqualTo(at);
    }
  }

  @Test
  void bytesOfSomethingElseAreNothing() {
    var random = new Random(SEED);
    var sound = ColdReferenceCodec.encode(snapshot(random), List.of(reference(random)));
    for (int length = 0; length < sound.length; length++) {
      assertThat(ColdReferenceCodec.decode(id, Arrays.copyOf(sound, length))).isNull();
    }
    sound[0] = 2;
    assertThat(ColdReferenceCodec.decode(id, sound)).as("another format").isNull();
  }

  private PartitionSnapshot snapshot(Random random) {
    long start = random.nextInt(1_000);
    return new PartitionSnapshot(
        id,
        null,
        start,
        start + 10,
        start + 20,
        start + 30,
        start + 40,
        start + 50,
        start + 60,
        random.nextInt(100),
        0,
        0);
  }

  private ColdReference reference(Random random) {
    long first = random.nextInt(1_000_000);
    return new ColdReference(
        new ColdObject(
            new LogId(new UUID(random.nextLong(), random.nextLong())),
            random.nextLong(1_000),
            random.nextLong(1L << 50),
            random.nextLong(1L << 50),
            "segments/ä" + random.nextLong(),
            random.nextLong(1L << 40),
            random.nextInt(1 << 20),
            random.nextInt()),
        id,
        new OffsetRange(first, first + random.nextInt(1_000)));
  }
}
