package io.tidelog.coordinator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.coordinator.CompactionDecision.Move;
import io.tidelog.coordinator.CompactionDecision.ReadHead;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactionMachineTest {

  private static final CompactionLimits LIMITS = new CompactionLimits(10_000, 1_000, 4_000);
  private static final KeyHash.Secret SECRET = new KeyHash.Secret(1, 2);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aLogStaysBoundedAndReplaysToTheSameState(long seed) {
    var random = new Random(seed);
    var log = new ModelLog();
    var state = new HashMap<String, String>();
    int keys = 1 + random.nextInt(400);
    for (int step = 0; step < 30_000; step++) {
      var key = "key-" + random.nextInt(keys);
      var value = random.nextInt(10) == 0 ? null : "value-" + step;
      if (value == null) {
        state.remove(key);
      } else {
        state.put(key, value);
      }
      log.write(key, value);
      // A step of the compaction comes back late, as it does from a lane.
      if (random.nextInt(3) == 0) {
        log.arrive();
      }

      long live = log.machine.liveBytes();
      assertThat(log.bytes())
          .as("seed %s step %s live %s", seed, step, live)
          .isLessThan(live + Math.max(LIMITS.garbageBytes(), live) + 3L * LIMITS.maxChunkBytes());
      if (step % 1_000 == 0) {
        assertThat(log.replayed()).as("seed %s step %s", seed, step).isEqualTo(state);
      }
    }

    assertThat(log.replayed()).as("seed %s", seed).isEqualTo(state);
    assertThat(log.machine.logBytes()).isEqualTo(log.bytes());
    assertThat(log.bytesMoved).isLessThan(5 * log.bytesWritten);
  }

  /** A log in memory whose batches are single records. */
  private static final class ModelLog {
    private final CompactionMachine machine = new CompactionMachine(LIMITS, SECRET, 0);
    private final ArrayDeque<KeyedRecord> log = new ArrayDeque<>();
    private long nextOffset;
    private long bytesWritten;
    private long bytesMoved;
    private Runnable late = () -> {};
    private boolean waiting;

    void write(String key, String value) {
      bytesWritten +=
          append(
              ByteBuffer.wrap(key.getBytes(UTF_8)),
              value == null ? null : ByteBuffer.wrap(value.getBytes(UTF_8)));
      if (!waiting) {
        carryOut(machine.decide());
      }
    }

    void arrive() {
      if (waiting) {
        waiting = false;
        late.run();
      }
    }

    private int append(ByteBuffer key, ByteBuffer value) {
      int size = 20 + key.remaining() + (value == null ? 0 : value.remaining());
      var record = new KeyedRecord(nextOffset++, 0, key, value, size);
      log.add(record);
      machine.onGrown(size);
      machine.onRecord(record);
      return size;
    }

    private void carryOut(CompactionDecision decision) {
      switch (decision) {
        case CompactionDecision.Rest rest -> {}
        case ReadHead read -> later(() -> carryOut(machine.onHeadRead(head(read))));
        case Move move -> {
          for (var record : move.records()) {
            bytesMoved += append(record.key(), record.value());
          }
          later(
              () -> {
                log.removeIf(record -> record.offset() < move.endOffset());
                machine.onTrimmed();
                carryOut(machine.decide());
              });
        }
      }
    }

    private void later(Runnable step) {
      waiting = true;
      late = step;
    }

    private HeadChunk head(ReadHead read) {
      List<KeyedRecord> records = new ArrayList<>();
      long size = 0;
      for (var record : log) {
        if (!records.isEmpty() && size + record.sizeBytes() > read.maxBytes()) {
          break;
        }
        assertThat(record.offset()).isGreaterThanOrEqualTo(read.offset());
        records.add(record);
        size += record.sizeBytes();
      }
      return new HeadChunk(records, records.getLast().offset() + 1, size);
    }

    long bytes() {
      return log.stream().mapToLong(KeyedRecord::sizeBytes).sum();
    }

    Map<String, String> replayed() {
      var state = new HashMap<String, String>();
      for (var record : log) {
        var key = UTF_8.decode(record.key().duplicate()).toString();
        if (record.value() == null) {
          state.remove(key);
        } else {
          state.put(key, UTF_8.decode(record.value().duplicate()).toString());
        }
      }
      return state;
    }
  }
}
