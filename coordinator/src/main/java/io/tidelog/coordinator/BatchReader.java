package io.tidelog.coordinator;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Reads committed batches of internal partitions from whichever tier has them and brings them, in
 * memory, to the coordinator's lane. Safe to call from any thread.
 */
final class BatchReader {

  private final CoordinatorPorts ports;
  private final Lane lane;

  BatchReader(CoordinatorPorts ports, Lane lane) {
    this.ports = ports;
    this.lane = lane;
  }

  /** What a read brought. */
  sealed interface Batches {

    /** Whole batches in offset order, perhaps none. */
    record Read(MemoryRecords records) implements Batches {}

    /** The log starts later than asked for. */
    record Moved(long logStartOffset) implements Batches {}

    /** Nothing came. */
    record Failed(Fault fault) implements Batches {}
  }

  /**
   * Reads whole batches below the high watermark, up to {@code maxBytes} but at least one.
   *
   * @param answer called once, on the coordinator's lane
   */
  void read(PartitionId partition, long offset, int maxBytes, Consumer<Batches> answer) {
    var request =
        new ReadRequest(partition, offset, maxBytes, true, ReadRequest.UpTo.HIGH_WATERMARK);
    ports.reader().read(request, result -> lane.execute(() -> onHotRead(request, result, answer)));
  }

  private void onHotRead(ReadRequest request, ReadResult result, Consumer<Batches> answer) {
    if (result instanceof ReadResult.Cold cold) {
      ports
          .coldReader()
          .read(
              request,
              cold.at(),
              cold.references(),
              fromCold -> lane.execute(() -> answer.accept(inMemory(request, fromCold))));
    } else {
      answer.accept(inMemory(request, result));
    }
  }

  private static Batches inMemory(ReadRequest request, ReadResult result) {
    return switch (result) {
      case ReadResult.Records found -> copied(found.bytes());
      case ReadResult.OutOfRange outside -> new Batches.Moved(outside.at().logStartOffset());
      case ReadResult.Failed failed -> new Batches.Failed(failed.fault());
      case ReadResult.Cold cold ->
          new Batches.Failed(
              new Fault.Retriable("offset " + request.fetchOffset() + " moved while it was read"));
      case ReadResult.UnknownPartition unknown ->
          new Batches.Failed(
              new Fault.Retriable("partition " + request.partition() + " is not open"));
    };
  }

  private static Batches copied(RecordBytes bytes) {
    try (bytes) {
      var copy = ByteBuffer.allocate(bytes.sizeBytes());
      for (var part : bytes.parts()) {
        copy.put(part.bytes().duplicate());
      }
      return new Batches.Read(MemoryRecords.readableRecords(copy.flip()));
    }
  }
}
