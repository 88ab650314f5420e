package io.tidelog.chaos.copy;

import io.tidelog.chaos.check.Anomaly;
import io.tidelog.chaos.check.Spot;
import io.tidelog.chaos.check.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Compares what nodes hold of each log, every two of them: all that both have and know to be
 * committed. What one has trimmed already, or has of an end that is not committed yet, is its own.
 *
 * @param logs that two nodes or more hold something of
 * @param comparedBytes that two nodes have, and are or should be the same
 * @param violations the first difference of each two nodes in each log
 */
public record CopyCheck(int logs, long comparedBytes, List<Violation> violations) {

  private static final int CHUNK_BYTES = 1024 * 1024;

  public CopyCheck {
    violations = List.copyOf(violations);
  }

  /** What two copies have in common, and the first place where they do not. */
  private record Pair(long bytes, List<Violation> differences) {}

  /**
   * @param folders of all logs of a node, by the node's name; the nodes have ended
   */
  public static CopyCheck of(Map<String, Path> folders) throws IOException {
    var violations = new ArrayList<Violation>();
    int logs = 0;
    long bytes = 0;
    for (var log : copies(folders).entrySet()) {
      var copies = log.getValue();
      logs += copies.size() > 1 ? 1 : 0;
      for (var copy : copies) {
        if (copy.strayLsn() != LogCopy.NONE) {
          violations.add(broken(log.getKey(), copy));
        }
      }
      for (int i = 0; i < copies.size(); i++) {
        for (var other : copies.subList(i + 1, copies.size())) {
          var pair = compare(log.getKey(), copies.get(i), other);
          bytes += pair.bytes();
          violations.addAll(pair.differences());
        }
      }
    }
    return new CopyCheck(logs, bytes, violations);
  }

  private static Map<UUID, List<LogCopy>> copies(Map<String, Path> folders) throws IOException {
    Map<UUID, List<LogCopy>> byLog = new TreeMap<>();
    for (var node : new TreeMap<>(folders).entrySet()) {
      if (Files.isDirectory(node.getValue())) {
        try (Stream<Path> all = Files.list(node.getValue())) {
          for (var folder : all.toList()) {
            var name = folder.getFileName().toString();
            // A copy that was set aside has more to its name.
            if (name.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
              var log = UUID.fromString(name);
              byLog
                  .computeIfAbsent(log, key -> new ArrayList<>())
                  .add(LogCopy.read(node.getKey(), log, folder));
            }
          }
        }
      }
    }
    return byLog;
  }

  private static Pair compare(UUID log, LogCopy one, LogCopy other) throws IOException {
    long from = Math.max(one.startLsn(), other.startLsn());
    long to =
        Math.min(
            Math.min(one.endLsn(), other.endLsn()), Math.min(one.commitLsn(), other.commitLsn()));
    long lsn = from;
    while (lsn < to) {
      var here = one.segmentAt(lsn);
      var there = other.segmentAt(lsn);
      long until =
          Math.min(
              to, Math.min(one.endOfSegment(here.getKey()), other.endOfSegment(there.getKey())));
      until = Math.min(until, lsn + CHUNK_BYTES);
      int same = same(here, there, lsn, (int) (until - lsn));
      if (same < until - lsn) {
        return new Pair(lsn + same - from, List.of(violation(log, one, other, lsn + same)));
      }
      lsn = until;
    }
    return new Pair(Math.max(0, lsn - from), List.of());
  }

  /** How many bytes from an LSN on are the same. */
  private static int same(
      Map.Entry<Long, Path> here, Map.Entry<Long, Path> there, long lsn, int bytes)
      throws IOException {
    int mismatch = read(here, lsn, bytes).mismatch(read(there, lsn, bytes));
    return mismatch < 0 ? bytes : mismatch;
  }

  private static ByteBuffer read(Map.Entry<Long, Path> segment, long lsn, int bytes)
      throws IOException {
    var into = ByteBuffer.allocate(bytes);
    try (var file = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
      LogCopy.readFully(file, into, lsn - segment.getKey());
    }
    return into.flip();
  }

  private static Violation broken(UUID log, LogCopy copy) {
    long base = copy.segmentAt(copy.endLsn()).getKey();
    return new Violation(
        Anomaly.BROKEN_COPY,
        "log " + log,
        "segment %020d of %s breaks off at position %d (LSN %d), and a write group is at LSN %d"
            .formatted(base, copy.node(), copy.endLsn() - base, copy.endLsn(), copy.strayLsn()),
        Spot.NONE);
  }

  private static Violation violation(UUID log, LogCopy one, LogCopy other, long lsn) {
    long base = one.segmentAt(lsn).getKey();
    return new Violation(
        Anomaly.DIFFERENT_COPY,
        "log " + log,
        "segment %020d differs from position %d on (LSN %d) between %s and %s"
            .formatted(base, lsn - base, lsn, one.node(), other.node()),
        Spot.NONE);
  }
}
