package io.tidelog.app.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/** The steps of the scenario that fetch records. */
final class FetchSteps {

  private static final short FETCH_VERSION = 12;
  private final RawConnection raw;

  FetchSteps(RawConnection raw) {
    this.raw = raw;
  }

  /** Needs two batches, of three and of two records, in the topic {@code t}. */
  void run(BiConsumer<String, Callable<String>> step) {
    step.accept("fetch from the start", () -> fetch("t", 0, 0, -1));
    step.accept("fetch in the middle of a batch", () -> fetch("t", 0, 1, -1));
    step.accept("fetch at the end", () -> fetch("t", 0, 5, -1));
    step.accept("fetch behind the end", () -> fetch("t", 0, 6, -1));
    step.accept("fetch, negative offset", () -> fetch("t", 0, -7, -1));
    step.accept("fetch, unknown partition", () -> fetch("t", 77, 0, -1));
    step.accept("fetch, unknown topic", () -> fetch("nope", 0, 0, -1));
    step.accept("fetch, leader epoch of the future", () -> fetch("t", 0, 0, 1_000_000));
    step.accept(
        "fetch, unknown session",
        () -> {
          var data = new FetchRequestData().setSessionId(12345).setSessionEpoch(7).setMaxWaitMs(1);
          return Scenario.error(
              raw.ask(new FetchRequest(data, FETCH_VERSION), FetchResponse.class)
                  .data()
                  .errorCode());
        });
  }

  private String fetch(String topic, int partition, long offset, int epoch) {
    var data =
        new FetchRequestData()
            .setMaxWaitMs(10)
            .setMinBytes(1)
            .setMaxBytes(1 << 20)
            .setSessionEpoch(-1)
            .setTopics(
                List.of(
                    new FetchRequestData.FetchTopic()
                        .setTopic(topic)
                        .setPartitions(
                            List.of(
                                new FetchRequestData.FetchPartition()
                                    .setPartition(partition)
                                    .setCurrentLeaderEpoch(epoch)
                                    .setFetchOffset(offset)
                                    .setPartitionMaxBytes(1 << 20)))));
    var answer =
        raw.ask(new FetchRequest(data, FETCH_VERSION), FetchResponse.class)
            .data()
            .responses()
            .get(0)
            .partitions()
            .get(0);
    var offsets = new ArrayList<Long>();
    if (answer.records() instanceof MemoryRecords records) {
      records.records().forEach(record -> offsets.add(record.offset()));
    }
    return Scenario.error(answer.errorCode())
        + " offsets "
        + offsets
        + " high watermark "
        + answer.highWatermark()
        + " start "
        + answer.logStartOffset();
  }
}
