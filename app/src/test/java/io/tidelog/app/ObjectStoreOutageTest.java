package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The object store is away for a while: its folder is moved, so that every write to it fails. */
class ObjectStoreOutageTest {

  private static final Map<String, String> SETTINGS =
      Map.of(
          "tidelog.segment.bytes", "1048576",
          "tidelog.segment.ms", "500",
          "log.local.retention.ms", "1",
          "tidelog.cold.alarm.ms", "1000");

  @TempDir Path data;

  @Test
  void whatIsProducedWhileTheStoreIsOutStaysHereAndIsOffloadedAfterwards() throws Exception {
    var objects = data.resolve("objects");
    var away = data.resolve("objects.away");
    try (var node = new RunningNode(data, SETTINGS);
        var lines = new LinesTopic(node.bootstrap());
        var pages = new AdminPages(node.admin())) {
      lines.create();
      var values = new ArrayList<>(lines.produce("before", 4_000));
      lines.awaitFirstLocalOffset(1);

      Files.move(objects, away);
      values.addAll(lines.produce("during", 12_000));
      await().atMost(LinesTopic.PATIENCE).until(() -> pages.metric("tidelog_cold_alarm") == 1);
      assertThat(pages.metric("tidelog_cold_failures_total")).isPositive();
      assertThat(lines.firstLocalOffset()).isLessThanOrEqualTo(4_000);
      values.addAll(lines.produce("still-during", 100));
      assertThat(lines.consume(4_000, values.size()))
          .isEqualTo(values.subList(4_000, values.size()));

      Files.move(away, objects);
      await().atMost(LinesTopic.PATIENCE).until(() -> pages.metric("tidelog_cold_alarm") == 0);
      lines.awaitFirstLocalOffset(15_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
    }
  }

  @Test
  void aDataFolderThatWasOffloadedIsRefusedWithAnotherStoreAndServedWithItsOwn() throws Exception {
    var values = new ArrayList<String>();
    try (var node = new RunningNode(data, SETTINGS);
        var lines = new LinesTopic(node.bootstrap())) {
      lines.create();
      values.addAll(lines.produce("before", 4_000));
      lines.awaitFirstLocalOffset(1);
    }
    var other = data.resolve("other");
    var elsewhere = new HashMap<>(SETTINGS);
    elsewhere.put("tidelog.object.store", "file:" + other);
    assertThatThrownBy(() -> new RunningNode(data, elsewhere))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("Data folder " + data)
        .hasMessageContaining("object store file:" + other)
        .hasMessageContaining("has none of the");
    assertThat(new ColdObjects(other).names()).isEmpty();

    try (var node = new RunningNode(data, SETTINGS);
        var lines = new LinesTopic(node.bootstrap())) {
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
    }
    Files.move(data.resolve("objects"), data.resolve("moved"));
    elsewhere.put("tidelog.object.store", "file:" + data.resolve("moved"));
    try (var node = new RunningNode(data, elsewhere);
        var lines = new LinesTopic(node.bootstrap())) {
      assertThat(lines.consume(0, values.size())).as("moved").isEqualTo(values);
    }
  }
}
