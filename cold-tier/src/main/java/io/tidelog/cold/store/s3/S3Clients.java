package io.tidelog.cold.store.s3;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Makes the SDK's client as configured. */
final class S3Clients {

  private S3Clients() {}

  static S3Client open(S3Config config) {
    var location = config.location();
    var builder =
        S3Client.builder()
            .region(Region.of(location.region()))
            .forcePathStyle(location.isPathStyle())
            .credentialsProvider(credentials(location))
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(config.maxConnections())
                    .connectionTimeout(Duration.ofMillis(config.connectTimeoutMs()))
                    .connectionAcquisitionTimeout(Duration.ofMillis(config.attemptTimeoutMs()))
                    .socketTimeout(Duration.ofMillis(config.attemptTimeoutMs())))
            .overrideConfiguration(
                override ->
                    override
                        .apiCallAttemptTimeout(Duration.ofMillis(config.attemptTimeoutMs()))
                        .apiCallTimeout(Duration.ofMillis(config.callTimeoutMs()))
                        .retryStrategy(retry -> retry.maxAttempts(config.maxAttempts())));
    if (location.endpoint() != null) {
      builder.endpointOverride(location.endpoint());
    }
    if (config.checksumMode() == S3Config.ChecksumMode.REQUIRED) {
      builder
          .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
          .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    }
    return builder.build();
  }

  private static AwsCredentialsProvider credentials(S3Location location) {
    var pair = location.credentials();
    return pair == null
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(
            AwsBasicCredentials.create(pair.accessKey(), pair.secretKey()));
  }
}
