package io.tidelog.core.config;

/** What a number may be: from {@code min} to {@code max}, both included. */
public record Bounds(long min, long max) {

  public Bounds {
    if (max < min) {
      throw new IllegalArgumentException("bounds " + min + " to " + max + " hold nothing");
    }
  }

  public static Bounds atLeast(long min) {
    return new Bounds(min, Long.MAX_VALUE);
  }

  public static Bounds between(long min, long max) {
    return new Bounds(min, max);
  }

  /** The value itself, or {@link IllegalArgumentException}. */
  public long within(long value) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(value + " is not " + this);
    }
    return value;
  }

  @Override
  public String toString() {
    return max == Long.MAX_VALUE ? "at least " + min : min + " to " + max;
  }
}
