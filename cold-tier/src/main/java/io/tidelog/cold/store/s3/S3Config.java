package io.tidelog.cold.store.s3;

/**
 * How to speak with a bucket. Immutable.
 *
 * @param checksumMode which requests carry the SDK's own checksums
 * @param conditionalCreate what to do with a server that lets a second writer replace an object
 * @param multipartBytes objects above this size are uploaded in parts of {@code partBytes}
 * @param partBytes at least 5 MiB; the server refuses smaller ones
 * @param attemptTimeoutMs for one request on the wire, its body included
 * @param callTimeoutMs for one request with all its retries
 * @param connectTimeoutMs for a connection to stand
 * @param maxAttempts tries of one request inside the SDK; callers try again beyond them
 * @param maxConnections at a time; what needs more waits
 */
public record S3Config(
    S3Location location,
    ChecksumMode checksumMode,
    ConditionalCreate conditionalCreate,
    long multipartBytes,
    int partBytes,
    long attemptTimeoutMs,
    long callTimeoutMs,
    long connectTimeoutMs,
    int maxAttempts,
    int maxConnections) {

  /** Which requests carry the SDK's own checksums. */
  public enum ChecksumMode {
    /** All that may: the SDK's default, and AWS's advice. */
    DEFAULT,
    /** Only those that must: for servers that take the checksum for a part of the object. */
    REQUIRED
  }

  /** What to do with a server on which {@code If-None-Match: *} does not hold. */
  public enum ConditionalCreate {
    /** Refuse it. */
    REQUIRE,
    /** Say so and go on: keys carry a random part, so that two writers do not meet in one. */
    WARN,
    /** Do not ask for it at all. */
    OFF
  }

  private static final int MIN_PART_BYTES = 5 << 20;
  private static final int MAX_PARTS = 10_000;

  public S3Config {
    if (partBytes < MIN_PART_BYTES
        || multipartBytes < partBytes
        || attemptTimeoutMs < 1
        || callTimeoutMs < attemptTimeoutMs
        || connectTimeoutMs < 1
        || maxAttempts < 1
        || maxConnections < 1) {
      throw new IllegalArgumentException("impossible limits of bucket " + location.bucket());
    }
  }

  /** All limits at their defaults. */
  public static S3Config defaults(S3Location location) {
    return new S3Config(
        location,
        ChecksumMode.DEFAULT,
        ConditionalCreate.WARN,
        32L << 20,
        16 << 20,
        60_000,
        180_000,
        5_000,
        3,
        64);
  }

  /** Parts grow with an object that would have too many of them. */
  long partBytesOf(long objectBytes) {
    return Math.max(partBytes, Math.ceilDiv(objectBytes, MAX_PARTS));
  }
}
