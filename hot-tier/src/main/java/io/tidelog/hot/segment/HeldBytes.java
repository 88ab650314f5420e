package io.tidelog.hot.segment;

import io.tidelog.core.log.RecordBytes;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Bytes with what has to stay until they were sent. */
final class HeldBytes implements RecordBytes {

  private final List<Part> parts;
  private final int sizeBytes;
  private final List<? extends Retained> held;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes one hold of each of {@code held}. */
  HeldBytes(List<Part> parts, List<? extends Retained> held) {
    this.parts = List.copyOf(parts);
    this.held = List.copyOf(held);
    this.sizeBytes = parts.stream().mapToInt(Part::sizeBytes).sum();
  }

  @Override
  public int sizeBytes() {
    return sizeBytes;
  }

  @Override
  public List<Part> parts() {
    return parts;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      held.forEach(Retained::release);
    }
  }
}
