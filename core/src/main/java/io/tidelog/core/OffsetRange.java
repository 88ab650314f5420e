package io.tidelog.core;

/** Offsets from {@code start}, included, to {@code end}, excluded; may be empty, never negative. */
public record OffsetRange(long start, long end) {

  public OffsetRange {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("offsets [" + start + ", " + end + ") are no range");
    }
  }

  public long count() {
    return end - start;
  }

  public boolean isEmpty() {
    return start == end;
  }

  public boolean contains(long offset) {
    return start <= offset && offset < end;
  }
}
