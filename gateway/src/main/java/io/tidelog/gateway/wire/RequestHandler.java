package io.tidelog.gateway.wire;

import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Answers the requests of one API key. One instance serves every connection on every event loop, so
 * it holds no state of its own but immutable values and references to components that say which
 * lane owns theirs.
 */
public interface RequestHandler {

  ApiKeys api();

  /** Oldest version answered and advertised. */
  default short minVersion() {
    return api().oldestVersion();
  }

  /** Newest version answered and advertised; by default the newest that Kafka calls stable. */
  default short maxVersion() {
    return api().latestVersion(false);
  }

  /**
   * Takes the request and answers it exactly once, in this call or later, always on {@link
   * ClientRequest#lane}. Never blocks. What it throws is answered as {@link ClientRequest#fail}.
   */
  void handle(ClientRequest request);
}
