package io.tidelog.cold.store.s3;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Which bucket, and who asks.
 *
 * @param endpoint another server than AWS, or null
 * @param isPathStyle the bucket is in the path, not in the host name; what most servers other than
 *     AWS need
 * @param credentials null for AWS's own chain: environment, profile, instance
 */
public record S3Location(
    @Nullable URI endpoint,
    String region,
    String bucket,
    boolean isPathStyle,
    @Nullable Credentials credentials) {

  /** A key pair; its text never shows the secret. */
  public record Credentials(String accessKey, String secretKey) {
    @Override
    public String toString() {
      return "Credentials[" + accessKey + "]";
    }
  }
}
