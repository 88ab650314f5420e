package io.tidelog.cold.store.s3;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectStore.PutOutcome;
import io.tidelog.cold.store.s3.S3Config.ConditionalCreate;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Asks a server once whether {@code If-None-Match: *} holds: creates an object twice and expects
 * the second to be told that there is one. Remembers the answer; a fault is no answer. Safe to call
 * from any thread that may block.
 */
final class S3Probe {

  private static final Logger LOG = LoggerFactory.getLogger(S3Probe.class);
  private static final String PREFIX = "tidelog-probe/";
  private static final int NOT_IMPLEMENTED = 501;

  private final S3Client client;
  private final S3Config config;
  private final Supplier<UUID> ids;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Boolean isConditional;

  S3Probe(S3Client client, S3Config config, Supplier<UUID> ids) {
    this.client = client;
    this.config = config;
    this.ids = ids;
  }

  /**
   * Whether to ask for conditional creation.
   *
   * @throws Fault.Refused when the server does not do it and must
   * @throws SdkException as the server answers
   */
  boolean isConditional() {
    var known = isConditional;
    if (known != null) {
      return known;
    }
    lock.lock();
    try {
      known = isConditional;
      if (known == null) {
        known = config.conditionalCreate() != ConditionalCreate.OFF && probe();
        isConditional = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private boolean probe() {
    String key = PREFIX + ids.get();
    try {
      create(key);
    } catch (SdkException e) {
      if (!S3Faults.isStatus(e, NOT_IMPLEMENTED)) {
        throw e;
      }
      complain("does not know conditional creation");
      return false;
    }
    try {
      if (create(key) == PutOutcome.CREATED) {
        complain("lets a second writer replace an object");
      }
      return true;
    } finally {
      client.deleteObject(request -> request.bucket(config.location().bucket()).key(key));
    }
  }

  private PutOutcome create(String key) {
    String mark = ids.get().toString();
    var content = ObjectContent.of(ByteBuffer.wrap(new byte[] {1}));
    return new S3Upload(client, config, key, content, mark, true).run();
  }

  private void complain(String how) {
    if (config.conditionalCreate() == ConditionalCreate.REQUIRE) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "the object store at bucket "
              + config.location().bucket()
              + " "
              + how
              + " (If-None-Match: *), which this configuration requires");
    }
    LOG.warn("object store {} (If-None-Match: *), bucket={}", how, config.location().bucket());
  }
}
