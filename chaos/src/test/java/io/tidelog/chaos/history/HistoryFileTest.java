package io.tidelog.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {

  private static final long SEED = Long.getLong("tidelog.seed", 4_711);

  @TempDir Path folder;

  @Test
  void everyKindOfEventIsReadAsItWasWritten() throws IOException {
    var random = new Random(SEED);
    var events = new ArrayList<Event>();
    for (int i = 0; i < 200; i++) {
      events.addAll(oneOfEach(random));
    }
    var file = write(events);
    var read = HistoryReader.read(file);
    assertThat(read).as("seed %d", SEED).isEqualTo(new ClientHistory(7, "W1", events));
  }

  @Test
  void aFileCutAnywhereHasTheEventsBeforeTheCut() throws IOException {
    var events = oneOfEach(new Random(SEED));
    var bytes = Files.readAllBytes(write(events));
    int most = 0;
    for (int length = bytes.length; length >= 40; length--) {
      var cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));
      var read = HistoryReader.read(cut).events();
      assertThat(read).as("%d bytes", length).isEqualTo(events.subList(0, read.size()));
      most = Math.max(most, read.size());
    }
    assertThat(most).isEqualTo(events.size());
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    var file = Files.writeString(folder.resolve("foreign"), "no history at all");
    assertThatThrownBy(() -> HistoryReader.read(file)).isInstanceOf(IOException.class);
  }

  @Test
  void aRecordThatDiffersInAnyByteIsDamaged() {
    var random = new Random(SEED);
    for (int round = 0; round < 200; round++) {
      long value = Value.of(random.nextInt(1 << 20), random.nextInt());
      var bytes = Value.bytes(value & Long.MAX_VALUE, 8 + random.nextInt(100));
      assertThat(Value.read(bytes)).isEqualTo(value & Long.MAX_VALUE);
      if (bytes.length > 16) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
        assertThat(Value.read(bytes)).isNotEqualTo(value & Long.MAX_VALUE);
      }
    }
  }

  private Path write(List<Event> events) throws IOException {
    var file = folder.resolve("history");
    try (var writer = HistoryWriter.create(file, 7, "W1")) {
      events.forEach(writer::add);
    }
    return file;
  }

  private static List<Event> oneOfEach(Random random) {
    var place = new Place("topic-" + random.nextInt(3), random.nextInt(5));
    var group = "group-" + random.nextInt(2);
    var at = new Stamp(random.nextLong(), random.nextLong());
    long op = random.nextInt();
    long number = random.nextLong();
    long asked = at.ns() - random.nextInt(1_000);
    var outcome = Outcome.values()[random.nextInt(3)];
    return List.of(
        new Event.SendInvoked(at, op, place, number),
        new Event.SendDone(at, op, outcome, number, "error " + random.nextInt(3)),
        new Event.SessionStarted(at, 3, Reading.values()[random.nextInt(3)], group),
        new Event.Assigned(at, 3, place, number),
        new Event.Revoked(at, 3, place),
        new Event.Polled(at, 3, place, number, op),
        new Event.CommitInvoked(at, op, 3, group, place, number),
        new Event.CommitDone(at, op, outcome, ""),
        new Event.CommittedSeen(at, asked, group, place, -1),
        new Event.EndSeen(at, asked, place, number),
        new Event.FinalBounds(at, place, 0, number),
        new Event.TopicInvoked(at, op, Event.TopicAction.SET_RETENTION, "topic-1", number),
        new Event.TopicDone(at, op, outcome, "näher"),
        new Event.TopicSeen(at, asked, "topic-1", "id", 4, number),
        new Event.MoveInvoked(at, op, place, "3,1,2"),
        new Event.MoveDone(at, op, outcome, "taken back"),
        new Event.FinalTopics(at));
  }
}
