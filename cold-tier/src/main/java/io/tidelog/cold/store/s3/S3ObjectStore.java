package io.tidelog.cold.store.s3;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectKeys;
import io.tidelog.cold.store.ObjectPage;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.cold.store.StoredObject;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;

/**
 * Keeps objects in a bucket, through the SDK's synchronous client: called from virtual threads, it
 * needs no event loop of its own, an interrupt ends a request, and its time-outs are real.
 *
 * <p>Before the first object is written the server is asked to keep one from being replaced (see
 * {@link S3Probe}): not every server that speaks S3 does.
 */
public final class S3ObjectStore implements ObjectStore {

  private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStore.class);
  private static final int MAX_PAGE = 1_000;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int NOT_IMPLEMENTED = 501;
  private static final int COPY_BUFFER_BYTES = 64 * 1024;

  private final S3Client client;
  private final S3Config config;
  private final S3Probe probe;

  private final Supplier<UUID> uploadIds;

  private S3ObjectStore(S3Client client, S3Config config, Supplier<UUID> uploadIds) {
    this.client = client;
    this.config = config;
    this.uploadIds = uploadIds;
    this.probe = new S3Probe(client, config, uploadIds);
  }

  /**
   * Opens a bucket without a request to it.
   *
   * @param uploadIds gives another id each time, to any thread; they tell our uploads from others'
   */
  public static S3ObjectStore open(S3Config config, Supplier<UUID> uploadIds) {
    return new S3ObjectStore(S3Clients.open(config), config, uploadIds);
  }

  /**
   * Proves that the bucket is there, may be written, and keeps what it has, unless proven before.
   *
   * @throws Fault.Refused when it must not be used as it is
   * @throws Fault.Retriable when it cannot be reached now; then it is tried again before the first
   *     object is written
   */
  public void check() {
    readCall("check of bucket " + bucket(), probe::isConditional);
  }

  @Override
  public PutOutcome create(String key, ObjectContent content) {
    ObjectKeys.checkKey(key);
    boolean isConditional = readCall("check of bucket " + bucket(), probe::isConditional);
    String mark = uploadIds.get().toString();
    try {
      return new S3Upload(client, config, key, content, mark, isConditional).run();
    } catch (SdkException e) {
      throw S3Faults.ofWrite("create " + key, e);
    }
  }

  @Override
  public boolean get(String key, long position, ByteBuffer into) {
    ObjectKeys.checkKey(key);
    if (!into.hasRemaining()) {
      return head(key) != null;
    }
    long last = position + into.remaining() - 1;
    try {
      client.getObject(
          request -> request.bucket(bucket()).key(key).range("bytes=" + position + "-" + last),
          fill(key, into));
      return true;
    } catch (SdkException e) {
      if (isAbsent(e)) {
        return false;
      }
      throwFaultWithin(e);
      if (S3Faults.isStatus(e, 416)) {
        throw new Fault.Broken("object " + key + " ends before " + position);
      }
      throw S3Faults.ofRead("get " + key, e);
    }
  }

  /** The SDK wraps, perhaps twice, what the reader of a body throws. */
  private static void throwFaultWithin(SdkException wrapped) {
    for (Throwable cause = wrapped.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof Fault fault) {
        throw fault;
      }
    }
  }

  /** Runs inside the call, so that its time-outs and retries hold for the body as well. */
  private static ResponseTransformer<GetObjectResponse, Boolean> fill(String key, ByteBuffer into) {
    int start = into.position();
    return (response, body) -> {
      into.position(start);
      long size = response.contentLength();
      if (size != into.remaining()) {
        throw new Fault.Broken(
            "object " + key + " answers " + into.remaining() + " bytes with " + size);
      }
      try {
        copy(body, into);
      } catch (IOException e) {
        throw RetryableException.create("the body of " + key + " was cut", e);
      }
      return true;
    };
  }

  private static void copy(InputStream body, ByteBuffer into) throws IOException {
    var piece = into.hasArray() ? null : new byte[Math.min(COPY_BUFFER_BYTES, into.remaining())];
    while (into.hasRemaining()) {
      int read =
          piece == null
              ? body.read(into.array(), into.arrayOffset() + into.position(), into.remaining())
              : body.read(piece, 0, Math.min(piece.length, into.remaining()));
      if (read < 0) {
        throw new IOException(into.remaining() + " bytes are missing");
      }
      if (piece == null) {
        into.position(into.position() + read);
      } else {
        into.put(piece, 0, read);
      }
    }
  }

  @Override
  public @Nullable StoredObject head(String key) {
    ObjectKeys.checkKey(key);
    try {
      var head = client.headObject(request -> request.bucket(bucket()).key(key));
      return new StoredObject(key, head.contentLength(), head.lastModified().toEpochMilli());
    } catch (SdkException e) {
      if (isAbsent(e)) {
        return null;
      }
      throw S3Faults.ofRead("head " + key, e);
    }
  }

  @Override
  public ObjectPage list(String prefix, String startAfter, int maxObjects) {
    ObjectKeys.checkPrefix(prefix);
    return readCall(
        "list " + prefix,
        () -> {
          var page =
              client.listObjectsV2(
                  request ->
                      request
                          .bucket(bucket())
                          .prefix(prefix)
                          .startAfter(startAfter.isEmpty() ? null : startAfter)
                          .maxKeys(Math.min(MAX_PAGE, maxObjects)));
          var objects =
              page.contents().stream()
                  .map(
                      object ->
                          new StoredObject(
                              object.key(), object.size(), object.lastModified().toEpochMilli()))
                  .toList();
          return new ObjectPage(
              objects, !objects.isEmpty() && Boolean.TRUE.equals(page.isTruncated()));
        });
  }

  @Override
  public void delete(List<String> keys) {
    keys.forEach(ObjectKeys::checkKey);
    for (int from = 0; from < keys.size(); from += MAX_PAGE) {
      deletePage(keys.subList(from, Math.min(keys.size(), from + MAX_PAGE)));
    }
  }

  private void deletePage(List<String> keys) {
    var ids = keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList();
    var answer =
        readCall(
            "delete " + keys.size() + " objects",
            () ->
                client.deleteObjects(
                    request ->
                        request
                            .bucket(bucket())
                            .delete(delete -> delete.objects(ids).quiet(true))));
    for (var error : answer.errors()) {
      if (!"NoSuchKey".equals(error.code())) {
        throw new Fault.Retriable(
            "delete " + error.key() + ": " + error.code() + ", " + error.message());
      }
    }
  }

  @Override
  public void abandonUploads(String prefix, long begunBeforeMs) {
    ObjectKeys.checkPrefix(prefix);
    var before = Instant.ofEpochMilli(begunBeforeMs);
    try {
      var pages =
          client.listMultipartUploadsPaginator(request -> request.bucket(bucket()).prefix(prefix));
      for (var upload : pages.uploads()) {
        if (upload.initiated().isBefore(before)) {
          abandon(upload);
        }
      }
    } catch (SdkException e) {
      // Some servers cannot list them; there, a rule of the bucket must remove them.
      if (!S3Faults.isStatus(e, NOT_IMPLEMENTED) && !S3Faults.isStatus(e, METHOD_NOT_ALLOWED)) {
        throw S3Faults.ofRead("abandon uploads " + prefix, e);
      }
    }
  }

  private void abandon(MultipartUpload upload) {
    try {
      client.abortMultipartUpload(
          request -> request.bucket(bucket()).key(upload.key()).uploadId(upload.uploadId()));
      LOG.info("upload abandoned that nobody ended, key={}", upload.key());
    } catch (NoSuchUploadException e) {
      // Ended or given up since it was listed.
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static <T> T readCall(String what, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw S3Faults.ofRead(what, e);
    }
  }

  /** An absent object is an answer; an absent bucket is not. */
  private static boolean isAbsent(SdkException failure) {
    return S3Faults.isStatus(failure, 404) && !S3Faults.isNoSuchBucket(failure);
  }

  private String bucket() {
    return config.location().bucket();
  }
}
