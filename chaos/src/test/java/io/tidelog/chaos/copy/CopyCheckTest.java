package io.tidelog.chaos.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.chaos.check.Anomaly;
import io.tidelog.chaos.check.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that are good, and what differs or is missing planted into them. */
class CopyCheckTest {

  private static final UUID LOG = UUID.fromString("0b3a4f52-7c11-4d6e-9a55-2f3bb1c0d9e4");
  private static final int GROUP_BYTES = 4_096;
  private static final int GROUPS_OF_A_SEGMENT = 8;
  private static final long SEGMENT_BYTES = (long) GROUPS_OF_A_SEGMENT * GROUP_BYTES;
  private static final int SEGMENTS = 3;

  /** Each group knows those before it to be committed. */
  private static final long COMMITTED = SEGMENTS * SEGMENT_BYTES - GROUP_BYTES;

  @TempDir Path folder;

  @BeforeEach
  void writeThreeCopies() throws IOException {
    for (var node : nodes().values()) {
      Files.createDirectories(node.resolve(LOG.toString()));
      for (int segment = 0; segment < SEGMENTS; segment++) {
        Files.write(segment(node, segment), segmentBytes(segment));
      }
    }
  }

  @Test
  void copiesThatAreTheSameAreComparedAsFarAsTheyAreCommitted() throws IOException {
    var check = CopyCheck.of(nodes());
    assertThat(check.violations()).isEmpty();
    assertThat(check.logs()).isEqualTo(1);
    assertThat(check.comparedBytes()).isEqualTo(3 * COMMITTED);
  }

  @Test
  void aByteThatDiffersIsToldWithLogSegmentAndPosition() throws IOException {
    spoil("b", 1, 2 * GROUP_BYTES + 100);
    assertThat(CopyCheck.of(nodes()).violations())
        .hasSize(2)
        .allMatch(violation -> violation.anomaly() == Anomaly.DIFFERENT_COPY)
        .allMatch(violation -> violation.where().equals("log " + LOG))
        .extracting(Violation::what)
        .allMatch(
            what -> what.startsWith("segment 00000000000000032768 differs from position 8292"))
        .anyMatch(what -> what.endsWith("between a and b"))
        .anyMatch(what -> what.endsWith("between b and c"));
  }

  @Test
  void theLastByteThatIsCommittedCountsAndTheNextOneDoesNot() throws IOException {
    int committedInLast = (int) (COMMITTED - 2 * SEGMENT_BYTES);
    spoil("c", 2, committedInLast + GROUP_BYTES - 1);
    assertThat(CopyCheck.of(nodes()).violations()).isEmpty();
    spoil("c", 2, committedInLast - 1);
    assertThat(CopyCheck.of(nodes()).violations()).hasSize(2);
  }

  @Test
  void whatOneHasTrimmedOrNotYetReceivedIsItsOwn() throws IOException {
    Files.delete(segment(nodes().get("a"), 0));
    Files.delete(segment(nodes().get("b"), 2));
    var check = CopyCheck.of(nodes());
    assertThat(check.violations()).isEmpty();
    long bAndA = SEGMENT_BYTES - GROUP_BYTES;
    long bAndC = 2 * SEGMENT_BYTES - GROUP_BYTES;
    assertThat(check.comparedBytes()).isEqualTo(bAndA + bAndC + COMMITTED - SEGMENT_BYTES);
    spoil("c", 0, 0);
    assertThat(CopyCheck.of(nodes()).violations())
        .as("what a has trimmed differs between b and c, whose first group is none")
        .isNotEmpty();
  }

  @Test
  void spaceThatIsNotWrittenYetIsNoPartOfALog() throws IOException {
    var last = segment(nodes().get("a"), 2);
    Files.write(last, ByteBuffer.allocate(100_000).put(Files.readAllBytes(last)).array());
    assertThat(CopyCheck.of(nodes()).comparedBytes()).isEqualTo(3 * COMMITTED);
  }

  @Test
  void aCopyThatBreaksOffAndGoesOnIsBroken() throws IOException {
    spoil("b", 1, 3 * GROUP_BYTES + 20);
    assertThat(CopyCheck.of(nodes()).violations())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.anomaly()).isEqualTo(Anomaly.BROKEN_COPY);
              assertThat(violation.what())
                  .contains("segment 00000000000000032768 of b breaks off at position 12288")
                  .endsWith("LSN 49152");
            });
  }

  @Test
  void aSegmentMissingBetweenOthersIsABrokenCopy() throws IOException {
    Files.delete(segment(nodes().get("b"), 1));
    assertThat(CopyCheck.of(nodes()).violations())
        .extracting(Violation::anomaly)
        .containsExactly(Anomaly.BROKEN_COPY);
  }

  @Test
  void aCopyThatWasSetAsideOrIsBegunAnewCountsForNothing() throws IOException {
    spoil("b", 1, 100);
    var copy = nodes().get("b").resolve(LOG.toString());
    var resetting = Files.createFile(copy.resolve("reset.begun"));
    assertThat(CopyCheck.of(nodes()).violations()).isEmpty();
    Files.delete(resetting);
    Files.move(copy, copy.resolveSibling(LOG + ".damaged"));
    var check = CopyCheck.of(nodes());
    assertThat(check.violations()).isEmpty();
    assertThat(check.comparedBytes()).isEqualTo(COMMITTED);
  }

  private Map<String, Path> nodes() {
    return Map.of("a", folder.resolve("a"), "b", folder.resolve("b"), "c", folder.resolve("c"));
  }

  private static Path segment(Path node, int segment) {
    return node.resolve(LOG.toString()).resolve("%020d.seg".formatted(segment * SEGMENT_BYTES));
  }

  private void spoil(String node, int segment, int position) throws IOException {
    var file = segment(folder.resolve(node), segment);
    var bytes = Files.readAllBytes(file);
    bytes[position] ^= 1;
    Files.write(file, bytes);
  }

  private static byte[] segmentBytes(int segment) {
    var bytes = ByteBuffer.allocate((int) SEGMENT_BYTES);
    var random = new Random(segment);
    for (int i = 0; i < GROUPS_OF_A_SEGMENT; i++) {
      long lsn = segment * SEGMENT_BYTES + i * (long) GROUP_BYTES;
      bytes.put(groupStart(lsn));
      var body = new byte[GROUP_BYTES - 64];
      random.nextBytes(body);
      bytes.put(body);
    }
    return bytes.array();
  }

  /** As {@code docs/formats/segment-log.md} has it. */
  private static byte[] groupStart(long lsn) {
    var frame = ByteBuffer.allocate(64);
    frame.putInt(0, 0x54444c31).put(8, (byte) 1).putInt(12, 64).putInt(16, -1);
    frame.putLong(24, 7).putLong(32, 1_700_000_000_000L);
    frame.putLong(48, lsn).putInt(56, GROUP_BYTES);
    var checked = ByteBuffer.allocate(24 + 56);
    checked.putLong(LOG.getMostSignificantBits()).putLong(LOG.getLeastSignificantBits());
    checked.putLong(lsn).put(frame.slice(8, 56));
    var crc = new CRC32C();
    crc.update(checked.flip());
    return frame.putInt(4, (int) crc.getValue()).array();
  }
}
