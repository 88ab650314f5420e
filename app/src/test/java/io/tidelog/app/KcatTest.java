package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kcat, and in it librdkafka, unmodified and in processes of its own. */
class KcatTest {

  private static final long PATIENCE_S = 60;

  @TempDir Path folder;

  private final List<Process> started = new ArrayList<>();
  private RunningNode node;
  private int runs;

  private record Running(Process process, Path output, Path errors) {

    List<String> lines() throws IOException {
      return Files.readAllLines(output);
    }
  }

  @BeforeEach
  void startNode() {
    node = new RunningNode(folder.resolve("node"), Map.of());
  }

  @AfterEach
  void stop() {
    started.forEach(Process::destroyForcibly);
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void itConsumesWhatItProducedInOrder(String codec) throws Exception {
    var values = values(0, 1_000);
    produce("orders", values, "-z", codec, "-X", "enable.idempotence=true");
    assertThat(kcat("-C", "-t", "orders", "-o", "beginning", "-e", "-q")).isEqualTo(values);
  }

  @Test
  void aGroupResumesWhereItCommitted() throws Exception {
    produce("orders", values(0, 1_000));
    assertThat(group(600)).isEqualTo(values(0, 600));
    assertThat(group(400)).isEqualTo(values(600, 1_000));
    produce("orders", values(1_000, 1_100));
    assertThat(group(100)).isEqualTo(values(1_000, 1_100));
  }

  @Test
  void twoMembersOfAGroupReadEachRecordOnce() throws Exception {
    create("orders", 2);
    var one = startMember();
    var other = startMember();
    awaitOnePartitionEach();
    produce("orders", values(0, 500), "-p", "0");
    produce("orders", values(500, 1_000), "-p", "1");
    await()
        .atMost(Duration.ofSeconds(PATIENCE_S))
        .until(() -> one.lines().size() + other.lines().size() >= 1_000);
    assertThat(List.of(one.lines(), other.lines()))
        .containsExactlyInAnyOrder(values(0, 500), values(500, 1_000));
  }

  @Test
  void aDelayTopicIsEmptyUntilItsRecordsAreDue() throws Exception {
    create("orders_3s", 1);
    var values = values(0, 100);
    long beforeMs = System.currentTimeMillis();
    produce("orders_3s", values);
    assertThat(kcat("-C", "-t", "orders_3s", "-o", "beginning", "-e", "-q")).isEmpty();
    assertThat(System.currentTimeMillis() - beforeMs)
        .as("asked before they are due")
        .isLessThan(3_000);
    assertThat(kcat("-C", "-t", "orders_3s", "-o", "beginning", "-c", "100", "-q"))
        .isEqualTo(values);
    assertThat(System.currentTimeMillis() - beforeMs).isGreaterThanOrEqualTo(3_000);
  }

  private void create(String topic, int partitions) throws Exception {
    try (var admin = node.adminClient()) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  private static List<String> values(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "value-" + i).toList();
  }

  private void produce(String topic, List<String> values, String... more) throws Exception {
    var input = Files.write(folder.resolve("input-" + runs), values);
    var arguments = new ArrayList<>(List.of("-P", "-t", topic, "-X", "acks=all"));
    arguments.addAll(Arrays.asList(more));
    awaitEnd(start(input.toFile(), arguments));
  }

  private List<String> group(int count) throws Exception {
    return kcat(
        "-G",
        "readers",
        "-c",
        Integer.toString(count),
        "-q",
        "-X",
        "auto.offset.reset=earliest",
        "orders");
  }

  private Running startMember() throws IOException {
    return start(
        new File("/dev/null"),
        List.of("-G", "readers", "-u", "-q", "-X", "auto.offset.reset=earliest", "orders"));
  }

  private void awaitOnePartitionEach() {
    try (var admin = node.adminClient()) {
      await()
          .atMost(Duration.ofSeconds(PATIENCE_S))
          .ignoreExceptions()
          .until(
              () -> {
                var group = admin.describeConsumerGroups(List.of("readers")).all().get();
                var members = group.get("readers").members();
                return members.size() == 2
                    && members.stream().allMatch(m -> m.assignment().topicPartitions().size() == 1);
              });
    }
  }

  /** Runs it to its end and gives the lines it wrote. */
  private List<String> kcat(String... arguments) throws Exception {
    var running = start(new File("/dev/null"), List.of(arguments));
    awaitEnd(running);
    return running.lines();
  }

  private Running start(File input, List<String> arguments) throws IOException {
    runs++;
    var output = folder.resolve("output-" + runs);
    var errors = folder.resolve("errors-" + runs);
    var command = new ArrayList<>(List.of("kcat", "-b", node.bootstrap()));
    command.addAll(arguments);
    // Not there? "./tidelog test" installs it: it is the Debian package kcat.
    var process =
        new ProcessBuilder(command)
            .redirectInput(input)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    started.add(process);
    return new Running(process, output, errors);
  }

  private static void awaitEnd(Running running) throws Exception {
    assertThat(running.process().waitFor(PATIENCE_S, TimeUnit.SECONDS)).as("it ends").isTrue();
    assertThat(running.process().exitValue()).as(Files.readString(running.errors())).isZero();
  }
}
