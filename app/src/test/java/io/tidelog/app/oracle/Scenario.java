package io.tidelog.app.oracle;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;

/**
 * The same steps for any server that speaks the Kafka protocol; each step's answer is reduced to
 * text that does not depend on ids, ports or times.
 */
final class Scenario {

  /** Of this day: retention would delete older records, sooner or later. */
  private static final long FIRST_MS = System.currentTimeMillis();

  private static final short PRODUCE_VERSION = 11;

  /** What a server answers while a coordinator is being loaded; asked again. */
  private static final Set<String> LOADING =
      Set.of("NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS");

  private final long deadlineNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
  private final int port;
  private final Map<String, String> answers = new LinkedHashMap<>();

  Scenario(int port) {
    this.port = port;
  }

  /** Answers by step, in order. */
  Map<String, String> run() {
    try (var admin =
            Admin.create(Map.<String, Object>of("bootstrap.servers", "127.0.0.1:" + port));
        var raw = new RawConnection(port)) {
      topics(admin);
      configs(admin);
      new ConfigSteps(admin, port).run(this::step);
      produce(raw);
      offsets(admin);
      new FetchSteps(raw).run(this::step);
      producers(raw);
      new GroupSteps(admin, raw).run(this::step);
      deletions(admin);
    }
    return answers;
  }

  private void topics(Admin admin) {
    step("create", () -> create(admin, new NewTopic("t", 2, (short) 1), false));
    step("create again", () -> create(admin, new NewTopic("t", 2, (short) 1), false));
    step("create, validate only", () -> create(admin, new NewTopic("v", 2, (short) 1), true));
    step("validated is not created", () -> describe(admin, "v"));
    step(
        "create with default counts",
        () -> create(admin, new NewTopic("d", Optional.empty(), Optional.empty()), false));
    step("create, bad name", () -> create(admin, new NewTopic("a/b", 1, (short) 1), false));
    step("create, empty name", () -> create(admin, new NewTopic("", 1, (short) 1), false));
    step("create, name ..", () -> create(admin, new NewTopic("..", 1, (short) 1), false));
    step(
        "create, long name",
        () -> create(admin, new NewTopic("x".repeat(250), 1, (short) 1), false));
    step("create, no partitions", () -> create(admin, new NewTopic("p0", 0, (short) 1), false));
    step("create, replication 3", () -> create(admin, new NewTopic("r3", 1, (short) 3), false));
    step(
        "create, unknown config",
        () ->
            create(admin, new NewTopic("c", 1, (short) 1).configs(Map.of("no.such", "1")), false));
    step(
        "create, bad config value",
        () ->
            create(
                admin,
                new NewTopic("c", 1, (short) 1).configs(Map.of("retention.ms", "x")),
                false));
    step("describe", () -> describe(admin, "t"));
    step("describe unknown", () -> describe(admin, "nope"));
    step(
        "grow",
        () -> {
          admin.createPartitions(Map.of("t", NewPartitions.increaseTo(3))).all().get();
          return settled(() -> describe(admin, "t"), answer -> answer.startsWith("3 "));
        });
    step(
        "shrink",
        () -> {
          admin.createPartitions(Map.of("t", NewPartitions.increaseTo(1))).all().get();
          return "ok";
        });
    step(
        "grow unknown",
        () -> {
          admin.createPartitions(Map.of("nope", NewPartitions.increaseTo(9))).all().get();
          return "ok";
        });
  }

  private void configs(Admin admin) {
    step(
        "set a config",
        () -> {
          alter(admin, "t", "retention.ms", "123456", AlterConfigOp.OpType.SET);
          return settled(
              () -> config(admin, "t", "retention.ms"), answer -> answer.startsWith("123456 "));
        });
    step(
        "delete a config",
        () -> {
          alter(admin, "t", "retention.ms", "", AlterConfigOp.OpType.DELETE);
          return settled(
              () -> config(admin, "t", "retention.ms"), answer -> !answer.startsWith("123456 "));
        });
    step(
        "append to a list",
        () -> {
          alter(admin, "t", "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
          return settled(
              () -> config(admin, "t", "cleanup.policy"), answer -> answer.contains("compact"));
        });
    step(
        "set back",
        () -> {
          alter(admin, "t", "cleanup.policy", "delete", AlterConfigOp.OpType.SET);
          return settled(
              () -> config(admin, "t", "cleanup.policy"), answer -> !answer.contains("compact"));
        });
    step(
        "append to what is no list",
        () -> alter(admin, "t", "retention.ms", "1", AlterConfigOp.OpType.APPEND));
    step(
        "set an unknown config", () -> alter(admin, "t", "no.such", "1", AlterConfigOp.OpType.SET));
    step(
        "set a bad value",
        () -> alter(admin, "t", "max.message.bytes", "-5", AlterConfigOp.OpType.SET));
    step("configs of an unknown topic", () -> config(admin, "nope", "retention.ms"));
    for (var name :
        List.of(
            "compression.type",
            "message.timestamp.type",
            "max.message.bytes",
            "min.insync.replicas",
            "segment.bytes",
            "retention.bytes",
            "local.retention.ms")) {
      step("default of " + name, () -> config(admin, "t", name));
    }
  }

  private void produce(RawConnection raw) {
    step("produce", () -> produce(raw, "t", 0, (short) -1, batch(3)));
    step("produce acks=1", () -> produce(raw, "t", 0, (short) 1, batch(2)));
    step("produce acks=5", () -> produce(raw, "t", 0, (short) 5, batch(1)));
    step("produce, unknown topic", () -> produce(raw, "nope", 0, (short) -1, batch(1)));
    step("produce, unknown partition", () -> produce(raw, "t", 99, (short) -1, batch(1)));
    step(
        "produce, wrong checksum",
        () -> {
          var records = batch(1);
          records.buffer().put(records.sizeInBytes() - 1, (byte) 99);
          return produce(raw, "t", 0, (short) -1, records);
        });
    step(
        "produce, too large",
        () ->
            produce(
                raw,
                "t",
                0,
                (short) -1,
                MemoryRecords.withRecords(
                    Compression.NONE, new SimpleRecord(new byte[1_100_000]))));
    step(
        "produce, wrong last offset delta",
        () -> {
          var records = batch(2);
          records.buffer().putInt(23, 7);
          return produce(raw, "t", 0, (short) -1, withCrc(records));
        });
    step(
        "produce, control batch",
        () -> {
          var records = batch(1);
          records.buffer().putShort(21, (short) 0x20);
          return produce(raw, "t", 0, (short) -1, withCrc(records));
        });
    step(
        "produce to an internal topic",
        () -> produce(raw, "__consumer_offsets", 0, (short) -1, batch(1)));
  }

  private void offsets(Admin admin) {
    step("earliest", () -> offset(admin, OffsetSpec.earliest()));
    step("latest", () -> offset(admin, OffsetSpec.latest()));
    step("by time, first", () -> offset(admin, OffsetSpec.forTimestamp(1)));
    step("by time, never", () -> offset(admin, OffsetSpec.forTimestamp(Long.MAX_VALUE - 1)));
    step("max timestamp", () -> offset(admin, OffsetSpec.maxTimestamp()));
    step("earliest local", () -> offset(admin, OffsetSpec.earliestLocal()));
  }

  private void producers(RawConnection raw) {
    var id = new long[1];
    step(
        "producer id",
        () -> {
          var data =
              new InitProducerIdRequestData()
                  .setTransactionalId(null)
                  .setTransactionTimeoutMs(1000);
          var answer = askProducerId(raw, data);
          id[0] = answer.producerId();
          return error(answer.errorCode()) + " epoch " + answer.producerEpoch();
        });
    step("sequence 0", () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 0, 0, 2)));
    step("sequence 2", () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 0, 2, 2)));
    step(
        "duplicate of sequence 0",
        () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 0, 0, 2)));
    step("sequence skipped", () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 0, 9, 1)));
    step(
        "next epoch, not from 0",
        () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 1, 3, 1)));
    step("next epoch", () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 1, 0, 1)));
    step("old epoch", () -> produce(raw, "t", 1, (short) -1, idempotent(id[0], 0, 4, 1)));
    step(
        "unknown producer from sequence 5",
        () -> produce(raw, "t", 1, (short) -1, idempotent(987_654_321L, 0, 5, 1)));
  }

  private void deletions(Admin admin) {
    var partition = new TopicPartition("t", 0);
    step(
        "delete records",
        () ->
            Long.toString(
                admin
                    .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(2)))
                    .lowWatermarks()
                    .get(partition)
                    .get()
                    .lowWatermark()));
    step("earliest after it", () -> offset(admin, OffsetSpec.earliest()));
    step(
        "delete records behind the end",
        () ->
            Long.toString(
                admin
                    .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(99)))
                    .lowWatermarks()
                    .get(partition)
                    .get()
                    .lowWatermark()));
    step(
        "delete all records",
        () ->
            Long.toString(
                admin
                    .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                    .lowWatermarks()
                    .get(partition)
                    .get()
                    .lowWatermark()));
    step(
        "delete the topic",
        () -> {
          admin.deleteTopics(List.of("t")).all().get();
          return settled(() -> describe(admin, "t"), answer -> false);
        });
    step(
        "delete an unknown topic",
        () -> {
          admin.deleteTopics(List.of("nope")).all().get();
          return "ok";
        });
  }

  private void step(String name, Callable<String> work) {
    String answer;
    try {
      answer = work.call();
      while (LOADING.contains(answer) && System.nanoTime() < deadlineNs) {
        answer = work.call();
      }
    } catch (ExecutionException e) {
      answer = e.getCause().getClass().getSimpleName();
    } catch (Exception e) {
      answer = e.getClass().getSimpleName();
    }
    answers.put(name, answer);
  }

  /**
   * Asks again until the answer shows what was changed before, or an error ends it: a broker of
   * Kafka learns of a change a little after it was answered.
   */
  private String settled(Callable<String> read, Predicate<String> isSettled) throws Exception {
    var answer = read.call();
    while (!isSettled.test(answer) && System.nanoTime() < deadlineNs) {
      answer = read.call();
    }
    return answer;
  }

  private static String create(Admin admin, NewTopic topic, boolean validateOnly) throws Exception {
    var created =
        admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(validateOnly));
    created.all().get();
    return created.numPartitions(topic.name()).get()
        + " partitions, replication "
        + created.replicationFactor(topic.name()).get();
  }

  private static String describe(Admin admin, String topic) throws Exception {
    var partitions =
        admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions();
    return partitions.size()
        + " partitions, leader "
        + partitions.get(0).leader().id()
        + ", replicas "
        + partitions.get(0).replicas().size()
        + ", in sync "
        + partitions.get(0).isr().size();
  }

  private static String alter(
      Admin admin, String topic, String key, String value, AlterConfigOp.OpType type)
      throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(new AlterConfigOp(new ConfigEntry(key, value), type))))
        .all()
        .get();
    return "ok";
  }

  private static String config(Admin admin, String topic, String key) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key);
    return entry.value() + " " + entry.source();
  }

  private static String offset(Admin admin, OffsetSpec spec) throws Exception {
    var partition = new TopicPartition("t", 0);
    var found = admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
    return Long.toString(found.offset());
  }

  private static MemoryRecords batch(int count) {
    return MemoryRecords.withRecords(Compression.NONE, records(count));
  }

  private static MemoryRecords idempotent(long id, int epoch, int sequence, int count) {
    return MemoryRecords.withIdempotentRecords(
        Compression.NONE, id, (short) epoch, sequence, records(count));
  }

  private static SimpleRecord[] records(int count) {
    var records = new ArrayList<SimpleRecord>();
    for (int i = 0; i < count; i++) {
      records.add(
          new SimpleRecord(
              FIRST_MS + i, null, ("v" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
    return records.toArray(SimpleRecord[]::new);
  }

  private static MemoryRecords withCrc(MemoryRecords records) {
    ByteBuffer buffer = records.buffer();
    var crc = new java.util.zip.CRC32C();
    crc.update(buffer.duplicate().position(21));
    buffer.putInt(17, (int) crc.getValue());
    return MemoryRecords.readableRecords(buffer);
  }

  private static String produce(
      RawConnection raw, String topic, int partition, short acks, MemoryRecords records) {
    var data =
        new ProduceRequestData()
            .setAcks(acks)
            .setTimeoutMs(10_000)
            .setTopicData(
                new ProduceRequestData.TopicProduceDataCollection(
                    List.of(
                            new ProduceRequestData.TopicProduceData()
                                .setName(topic)
                                .setPartitionData(
                                    List.of(
                                        new ProduceRequestData.PartitionProduceData()
                                            .setIndex(partition)
                                            .setRecords(records))))
                        .iterator()));
    var answer =
        raw.ask(new ProduceRequest(data, PRODUCE_VERSION), ProduceResponse.class)
            .data()
            .responses()
            .iterator()
            .next()
            .partitionResponses()
            .get(0);
    return error(answer.errorCode())
        + " base "
        + answer.baseOffset()
        + " start "
        + answer.logStartOffset();
  }

  private InitProducerIdResponseData askProducerId(
      RawConnection raw, InitProducerIdRequestData data) {
    var request = new InitProducerIdRequest.Builder(data).build((short) 4);
    var answer = raw.ask(request, InitProducerIdResponse.class).data();
    while (LOADING.contains(error(answer.errorCode())) && System.nanoTime() < deadlineNs) {
      answer = raw.ask(request, InitProducerIdResponse.class).data();
    }
    return answer;
  }

  static String error(short code) {
    return Errors.forCode(code).name();
  }
}
