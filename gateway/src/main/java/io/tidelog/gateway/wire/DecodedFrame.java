package io.tidelog.gateway.wire;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** What a frame turned out to be. */
sealed interface DecodedFrame {

  /** A request and who answers it. */
  record Request(RequestHeader header, AbstractRequest body, RequestHandler handler)
      implements DecodedFrame {}

  /**
   * Nothing that can be answered: the connection is closed.
   *
   * @param reason for the log; may quote the client's bytes
   */
  record Unacceptable(String reason) implements DecodedFrame {}
}
