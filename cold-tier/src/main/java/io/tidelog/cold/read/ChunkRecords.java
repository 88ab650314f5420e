package io.tidelog.cold.read;

import io.tidelog.core.log.RecordBytes;
import java.util.ArrayList;
import java.util.List;

/** Whole batches in cached chunks; lets the chunks go when closed, once. */
final class ChunkRecords implements RecordBytes {

  private final List<Part> parts;
  private final int sizeBytes;
  private List<Chunk> held;

  /** Takes one hold of each chunk. */
  ChunkRecords(List<Part> parts, int sizeBytes, List<Chunk> held) {
    this.parts = List.copyOf(parts);
    this.sizeBytes = sizeBytes;
    this.held = new ArrayList<>(held);
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
    var last = held;
    held = List.of();
    last.forEach(Chunk::release);
  }
}
