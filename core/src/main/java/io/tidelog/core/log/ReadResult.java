package io.tidelog.core.log;

import io.tidelog.core.Fault;
import java.util.List;

/** What a read found; a result with {@link RecordBytes} gives them to the receiver to close. */
public sealed interface ReadResult {

  /** Whole batches in offset order, perhaps none when the read reached its end. */
  record Records(PartitionSnapshot at, RecordBytes bytes) implements ReadResult {}

  /**
   * The wanted offset is only in the cold tier: read it from these, in offset order and without a
   * gap, the first one containing it. Valid for as long as the cold tier's deletion grace.
   */
  record Cold(PartitionSnapshot at, List<ColdReference> references) implements ReadResult {}

  /** The offset lies before the start or behind the end; {@code at} tells which ends hold. */
  record OutOfRange(PartitionSnapshot at) implements ReadResult {}

  /** This log does not hold the partition. */
  record UnknownPartition() implements ReadResult {}

  /** The bytes could not be read: retriable, or broken when they are damaged. */
  record Failed(Fault fault) implements ReadResult {}
}
