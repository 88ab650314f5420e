package io.tidelog.hot.move;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a model log holds of the one partition. */
sealed interface ModelFrame {

  /** A record of a client: the number of a producer, and how many it sent before. */
  record Sent(int producer, int sequence) {}

  /** The partition is made. */
  record Create() implements ModelFrame {}

  record Append(Sent sent, long offset, long epoch) implements ModelFrame {}

  /** Everything below the offset is in the object, in the cold tier. */
  record Offload(String object, long from, long to) implements ModelFrame {}

  record Retain(long logStart) implements ModelFrame {}

  record Close(long move) implements ModelFrame {}

  record Reopen(long move) implements ModelFrame {}

  record Release(long move) implements ModelFrame {}

  /** Of the objects kept for others, those of moves up to this one are needed only if named. */
  record Needed(long move, Set<String> objects) implements ModelFrame {}

  record Begin(long move, long from, List<Cold> cold) implements ModelFrame {}

  record Import(long move, long from, List<Sent> records) implements ModelFrame {}

  record Finish(long move, long logStart, Map<Integer, Remembered> producers)
      implements ModelFrame {}

  record Open(long move, long baseEpoch) implements ModelFrame {}

  record Drop(long move) implements ModelFrame {}

  /** A stretch in an object. */
  record Cold(String object, long from, long to) {}

  /** The newest record of a producer. */
  record Remembered(int sequence, long offset) {}
}
