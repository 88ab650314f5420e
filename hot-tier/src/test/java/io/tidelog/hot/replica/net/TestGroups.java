package io.tidelog.hot.replica.net;

import io.tidelog.core.log.RecordBytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Bytes that count how often they were closed. */
final class TestGroups implements RecordBytes {

  final AtomicInteger closed = new AtomicInteger();
  private final List<Part> parts;

  TestGroups(Part... parts) {
    this.parts = List.of(parts);
  }

  static TestGroups ofMemory(ByteBuffer bytes) {
    return new TestGroups(new MemoryPart(bytes));
  }

  @Override
  public int sizeBytes() {
    return parts.stream().mapToInt(Part::sizeBytes).sum();
  }

  @Override
  public List<Part> parts() {
    return parts;
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }
}
