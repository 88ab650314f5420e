package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.cold.store.folder.FolderObjectStore;
import io.tidelog.cold.store.s3.S3Config;
import io.tidelog.cold.store.s3.S3Location;
import io.tidelog.cold.store.s3.S3ObjectStore;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the object store that {@code tidelog.object.store} names. */
final class ObjectStores {

  private static final Logger LOG = LoggerFactory.getLogger(ObjectStores.class);
  private static final String FILE = "file:";
  private static final String S3 = "s3://";

  /** A server that answers later than this is looked at again when the first object is written. */
  private static final long CHECK_PATIENCE_MS = 5_000;

  private ObjectStores() {}

  /**
   * @param prefix of every key, without a slash at its end; empty for none
   * @param describe the store, for people
   */
  record Opened(ObjectStore store, String prefix, String describe) implements AutoCloseable {

    @Override
    public void close() {
      store.close();
    }
  }

  /**
   * Refuses a store that nobody can mean, before anything is opened or written.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}
   */
  static void check(NodeConfig config) {
    var uri = config.get(NodeSettings.OBJECT_STORE);
    if (uri.startsWith(S3)) {
      bucketOf(uri);
      endpoint(config);
    } else if (!uri.isEmpty() && !uri.startsWith(FILE)) {
      throw refused(NodeSettings.OBJECT_STORE, uri, "is neither file:DIR nor s3://bucket/prefix");
    }
  }

  /** Opens what {@link #check} found possible. */
  static Opened open(NodeConfig config, Path data) {
    var uri = config.get(NodeSettings.OBJECT_STORE);
    if (uri.isEmpty()) {
      return folder(data.resolve("objects"));
    }
    if (uri.startsWith(FILE)) {
      return folder(Path.of(uri.substring(FILE.length())).toAbsolutePath().normalize());
    }
    return bucket(config, uri);
  }

  private static Opened folder(Path folder) {
    return new Opened(FolderObjectStore.open(folder), "", FILE + folder);
  }

  private static Opened bucket(NodeConfig config, String uri) {
    var bucket = bucketOf(uri);
    var below = uri.substring(Math.min(uri.length(), S3.length() + bucket.length() + 1));
    var prefix = below.endsWith("/") ? below.substring(0, below.length() - 1) : below;
    var endpoint = endpoint(config);
    var location =
        new S3Location(
            endpoint,
            config.get(NodeSettings.S3_REGION),
            bucket,
            endpoint != null || config.get(NodeSettings.S3_PATH_STYLE),
            null);
    var store = S3ObjectStore.open(s3Config(config, location), UUID::randomUUID);
    boolean usable = false;
    try {
      checkNowOrLater(store::check, uri);
      usable = true;
    } finally {
      if (!usable) {
        store.close();
      }
    }
    return new Opened(store, prefix, S3 + bucket + "/" + prefix);
  }

  private static String bucketOf(String uri) {
    var path = uri.substring(S3.length());
    int slash = path.indexOf('/');
    var bucket = slash < 0 ? path : path.substring(0, slash);
    if (bucket.isEmpty()) {
      throw refused(NodeSettings.OBJECT_STORE, uri, "names no bucket");
    }
    return bucket;
  }

  private static @Nullable URI endpoint(NodeConfig config) {
    var text = config.get(NodeSettings.S3_ENDPOINT);
    if (text.isEmpty()) {
      return null;
    }
    try {
      var uri = URI.create(text);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw refused(NodeSettings.S3_ENDPOINT, text, "is no URL");
    }
    throw refused(NodeSettings.S3_ENDPOINT, text, "is no http or https URL of a server");
  }

  private static S3Config s3Config(NodeConfig config, S3Location location) {
    var defaults = S3Config.defaults(location);
    return new S3Config(
        location,
        config.get(NodeSettings.S3_CHECKSUMS).equals("when_required")
            ? S3Config.ChecksumMode.REQUIRED
            : S3Config.ChecksumMode.DEFAULT,
        defaults.conditionalCreate(),
        defaults.multipartBytes(),
        defaults.partBytes(),
        defaults.attemptTimeoutMs(),
        defaults.callTimeoutMs(),
        defaults.connectTimeoutMs(),
        defaults.maxAttempts(),
        defaults.maxConnections());
  }

  /**
   * A wrong setting stops the start; a server that is out, or silent, does not: producing needs
   * none.
   */
  static void checkNowOrLater(Runnable check, String uri) {
    try {
      CompletableFuture.runAsync(check, task -> Thread.ofVirtual().start(task))
          .get(CHECK_PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      warnOfWaiting(uri, "no answer within " + CHECK_PATIENCE_MS + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Fault.Retriable("interrupted", e);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof Fault.Retriable)) {
        throw e.getCause() instanceof Fault fault
            ? fault
            : new Fault.Broken("the check of object store " + uri + " failed", e.getCause());
      }
      warnOfWaiting(uri, e.getCause().getMessage());
    }
  }

  private static void warnOfWaiting(String uri, @Nullable String reason) {
    LOG.warn(
        "object store cannot be reached, offloading will wait for it, store={} reason={}",
        uri,
        reason);
  }

  private static Fault.Refused refused(Setting<?> setting, String value, String why) {
    return new Fault.Refused(Refusal.INVALID_CONFIG, setting.name() + "=" + value + " " + why);
  }
}
