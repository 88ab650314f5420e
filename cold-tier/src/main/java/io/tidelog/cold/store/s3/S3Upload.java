package io.tidelog.cold.store.s3;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectStore.PutOutcome;
import io.tidelog.core.Fault;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Writes one object, whole or in parts, under a mark of its own: when the server says that the
 * object exists, the mark tells whether an earlier try of this very upload made it, whose answer
 * was lost. Used once, by one thread.
 */
final class S3Upload {

  private static final String MARK = "tidelog-upload";
  private static final String CONTENT_TYPE = "application/octet-stream";
  private static final int PRECONDITION_FAILED = 412;

  private final S3Client client;
  private final S3Config config;
  private final String key;
  private final ObjectContent content;
  private final String mark;
  private final @Nullable String ifNoneMatch;

  /**
   * @param mark differs from that of every other upload
   * @param isConditional whether to ask the server to keep an object that is there
   */
  S3Upload(
      S3Client client,
      S3Config config,
      String key,
      ObjectContent content,
      String mark,
      boolean isConditional) {
    this.client = client;
    this.config = config;
    this.key = key;
    this.content = content;
    this.mark = mark;
    this.ifNoneMatch = isConditional ? "*" : null;
  }

  /**
   * @throws SdkException as the server answers; 412 is an outcome
   */
  PutOutcome run() {
    try {
      if (content.sizeBytes() > config.multipartBytes()) {
        inParts();
      } else {
        client.putObject(
            request ->
                request
                    .bucket(config.location().bucket())
                    .key(key)
                    .ifNoneMatch(ifNoneMatch)
                    .metadata(Map.of(MARK, mark)),
            body(0, content.sizeBytes()));
      }
      return PutOutcome.CREATED;
    } catch (SdkException e) {
      if (S3Faults.isStatus(e, PRECONDITION_FAILED)) {
        return isOurs() ? PutOutcome.CREATED : PutOutcome.ALREADY_EXISTS;
      }
      throw e;
    }
  }

  private boolean isOurs() {
    var head = client.headObject(request -> request.bucket(bucket()).key(key));
    return mark.equals(head.metadata().get(MARK));
  }

  private void inParts() {
    String uploadId =
        client
            .createMultipartUpload(
                request -> request.bucket(bucket()).key(key).metadata(Map.of(MARK, mark)))
            .uploadId();
    try {
      var parts = new ArrayList<CompletedPart>();
      long partBytes = config.partBytesOf(content.sizeBytes());
      for (long position = 0; position < content.sizeBytes(); position += partBytes) {
        parts.add(
            uploadPart(
                uploadId,
                parts.size() + 1,
                body(position, Math.min(partBytes, content.sizeBytes() - position))));
      }
      client.completeMultipartUpload(
          request ->
              request
                  .bucket(bucket())
                  .key(key)
                  .uploadId(uploadId)
                  .ifNoneMatch(ifNoneMatch)
                  .multipartUpload(upload -> upload.parts(parts)));
    } catch (SdkException | Fault e) {
      abort(uploadId, e);
      throw e;
    }
  }

  private CompletedPart uploadPart(String uploadId, int number, RequestBody body) {
    var uploaded =
        client.uploadPart(
            request -> request.bucket(bucket()).key(key).uploadId(uploadId).partNumber(number),
            body);
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(uploaded.eTag())
        .checksumCRC32(uploaded.checksumCRC32())
        .build();
  }

  /** Parts of an upload that is neither completed nor aborted cost money and are listed nowhere. */
  private void abort(String uploadId, RuntimeException reason) {
    boolean wasInterrupted = Thread.interrupted(); // else this request would end as that one did
    try {
      client.abortMultipartUpload(request -> request.bucket(bucket()).key(key).uploadId(uploadId));
    } catch (SdkException e) {
      reason.addSuppressed(e);
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private RequestBody body(long position, long size) {
    return RequestBody.fromContentProvider(
        () -> new ContentStream(content, position, size), size, CONTENT_TYPE);
  }

  private String bucket() {
    return config.location().bucket();
  }
}
