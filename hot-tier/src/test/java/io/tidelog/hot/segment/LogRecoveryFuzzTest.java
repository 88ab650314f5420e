package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tidelog.core.Fault;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.testkit.FuzzRounds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes lie in the files of a log, recovery keeps whole groups of it or says that it is
 * damaged; nothing else is thrown, and what was kept once is kept again.
 *
 * <p>An input is a list of damages to a sound log, one for each {@value #DAMAGE_BYTES} bytes: so a
 * fuzzer gets past the checksums, which it would else never guess.
 */
class LogRecoveryFuzzTest {

  private static final int DAMAGE_BYTES = 8;
  private static final int MAX_DAMAGES = 16;

  /** A round recovers a log of several segments twice. */
  private static final int RECOVERY_COST = 20;

  private static final FaultyLogDisk SOUND = sound();
  private static final List<String> SEGMENTS = segments(SOUND);

  @FuzzTest
  void anyDamageIsCutOffOrReported(byte[] damages) {
    var disk = SOUND.copy(new Random(1));
    var bytes = ByteBuffer.wrap(damages);
    for (int i = 0; i < MAX_DAMAGES && bytes.remaining() >= DAMAGE_BYTES; i++) {
      damage(disk, bytes.slice(bytes.position(), DAMAGE_BYTES));
      bytes.position(bytes.position() + DAMAGE_BYTES);
    }
    var lsns = new ArrayList<Long>();
    long end = recover(disk, lsns);
    if (end >= 0) {
      assertThat(lsns).isSorted().allMatch(lsn -> lsn < end);
      var again = new ArrayList<Long>();
      assertThat(recover(disk, again)).isEqualTo(end);
      assertThat(again).isEqualTo(lsns);
    }
  }

  @Test
  void randomDamageIsCutOffOrReported() {
    long seed = FuzzRounds.seed();
    var random = new Random(seed);
    for (int i = 0; i < FuzzRounds.count() / RECOVERY_COST; i++) {
      var damages = new byte[DAMAGE_BYTES * (1 + random.nextInt(4))];
      random.nextBytes(damages);
      try {
        anyDamageIsCutOffOrReported(damages);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + " round " + i, e);
      }
    }
  }

  /** The recovered end, or −1 when the log is said to be damaged. */
  private static long recover(FaultyLogDisk disk, List<Long> lsns) {
    try {
      var log =
          SegmentLog.recover(
              TestLog.parts(disk, TestLog.SMALL),
              ReplayStart.BEGINNING,
              CopyStanding.COUNTED,
              (frame, lsn, base) -> lsns.add(lsn));
      return log.recovered().endLsn();
    } catch (Fault.Broken damaged) {
      return -1;
    }
  }

  /** Bytes: what, which file, three of where, three of with what. */
  private static void damage(FaultyLogDisk disk, ByteBuffer how) {
    var name = SEGMENTS.get((how.get(1) & 0xff) % SEGMENTS.size());
    if (!disk.list().contains(name) || disk.contents(name).length == 0) {
      return;
    }
    byte[] segment = disk.contents(name);
    int where = (how.getInt(1) & 0xffffff) % segment.length;
    int value = how.getInt(4) & 0xffffff;
    switch ((how.get(0) & 0xff) % 8) {
      case 0 -> disk.delete(name);
      case 1 -> disk.replace(name, Arrays.copyOf(segment, where));
      case 2 -> disk.replace(name, Arrays.copyOf(segment, segment.length + value % 4_096));
      case 3 -> {
        Arrays.fill(segment, where, Math.min(segment.length, where + value % 4_096), (byte) 0);
        disk.replace(name, segment);
      }
      case 4 -> disk.replace(name, SOUND.contents(SEGMENTS.get(value % SEGMENTS.size())));
      case 5 -> {
        segment[where] = (byte) value;
        disk.replace(name, segment);
      }
      default -> {
        // A number in a header changes, and the checksum with it.
        int frame = frameAt(segment, where);
        int field = frame + 8 + value % (FrameFormat.GROUP_START_BYTES - 8);
        if (field < segment.length) {
          segment[field] = (byte) (value >> 8);
          seal(segment, frame, baseLsn(name));
        }
        disk.replace(name, segment);
      }
    }
  }

  /** The last frame that begins at or before a position; 0 when none does. */
  private static int frameAt(byte[] segment, int position) {
    var bytes = ByteBuffer.wrap(segment);
    int at = position & -FrameFormat.ALIGNMENT_BYTES;
    while (at > 0
        && (at + FrameFormat.HEADER_BYTES > segment.length
            || bytes.getInt(at) != FrameFormat.MAGIC)) {
      at -= FrameFormat.ALIGNMENT_BYTES;
    }
    return at;
  }

  /** Gives the frame the checksum of what it now says; see docs/formats/segment-log.md. */
  private static void seal(byte[] segment, int at, long baseLsn) {
    var bytes = ByteBuffer.wrap(segment);
    if (at + FrameFormat.HEADER_BYTES > segment.length) {
      return;
    }
    int size = bytes.getInt(at + FrameFormat.SIZE_POSITION);
    if (size < FrameFormat.HEADER_BYTES || size > segment.length - at) {
      return;
    }
    int end = Math.min(segment.length, at + FrameFormat.aligned(size));
    var place = ByteBuffer.allocate(24);
    place.putLong(TestLog.LOG.uuid().getMostSignificantBits());
    place.putLong(TestLog.LOG.uuid().getLeastSignificantBits());
    place.putLong(baseLsn + at);
    var crc = new CRC32C();
    crc.update(place.flip());
    crc.update(bytes.duplicate().limit(end).position(at + FrameFormat.TYPE_POSITION));
    bytes.putInt(at + FrameFormat.CRC_POSITION, (int) crc.getValue());
  }

  private static long baseLsn(String name) {
    return Long.parseLong(name.substring(0, name.indexOf('.')));
  }

  private static FaultyLogDisk sound() {
    var random = new Random(7);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random);
    for (int i = 0; i < 60; i++) {
      test.appendRandom(3, 500);
      if (i % 4 == 3) {
        test.sync();
      }
    }
    return disk;
  }

  private static List<String> segments(FaultyLogDisk disk) {
    return disk.list().stream().filter(name -> name.endsWith(".seg")).toList();
  }
}
