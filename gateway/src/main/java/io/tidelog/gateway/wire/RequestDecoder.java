package io.tidelog.gateway.wire;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Turns a frame into a request; pure. A request that no handler serves in that version is
 * unacceptable, as with Kafka, except ApiVersions, which is parsed as version 0 so that it can be
 * answered {@code UNSUPPORTED_VERSION} (KIP-511).
 */
public final class RequestDecoder {

  /** API key, API version, correlation id and the length of the client id. */
  public static final int HEADER_START_BYTES = 10;

  private final RequestRouter router;
  private final RequestLimits limits;

  public RequestDecoder(RequestRouter router, RequestLimits limits) {
    this.router = router;
    this.limits = limits;
  }

  /**
   * Decodes a frame without its length; borrows it as {@link FrameUse} says. Never throws for any
   * bytes.
   */
  DecodedFrame decode(ByteBuffer frame) {
    RequestHeader header;
    try {
      header = RequestHeader.parse(frame);
    } catch (InvalidRequestException e) {
      return new DecodedFrame.Unacceptable("unreadable request header: " + reason(e));
    }
    var api = header.apiKey();
    var handler = router.find(api, header.apiVersion());
    if (handler == null) {
      return withoutHandler(header);
    }
    try {
      var reader = new RequestReader(frame, limits);
      var body = AbstractRequest.parseRequest(api, header.apiVersion(), reader).request;
      return new DecodedFrame.Request(header, body, handler);
    } catch (RuntimeException e) { // the generated codecs throw many kinds for wrong bytes
      return new DecodedFrame.Unacceptable(
          "unreadable " + api.name + " request version " + header.apiVersion() + ": " + reason(e));
    }
  }

  /** Whether a large first frame that starts so is a produce request we serve. */
  public boolean startsProduce(ByteBuffer headerStart) {
    short api = headerStart.getShort(headerStart.position());
    short version = headerStart.getShort(headerStart.position() + Short.BYTES);
    int clientIdLength = headerStart.getShort(headerStart.position() + 8);
    return api == ApiKeys.PRODUCE.id
        && clientIdLength >= -1
        && router.find(ApiKeys.PRODUCE, version) != null;
  }

  private DecodedFrame withoutHandler(RequestHeader header) {
    if (header.apiKey() == ApiKeys.API_VERSIONS) {
      var handler = router.find(ApiKeys.API_VERSIONS, (short) 0);
      if (handler != null) {
        var body =
            new ApiVersionsRequest(
                new ApiVersionsRequestData(), (short) 0, Short.valueOf(header.apiVersion()));
        return new DecodedFrame.Request(header, body, handler);
      }
    }
    return new DecodedFrame.Unacceptable(
        "unsupported " + header.apiKey().name + " request version " + header.apiVersion());
  }

  private static String reason(RuntimeException e) {
    var cause = e.getCause() != null ? e.getCause() : e;
    var message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
