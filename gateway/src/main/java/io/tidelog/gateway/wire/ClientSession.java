package io.tidelog.gateway.wire;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;

/**
 * What the protocol knows of one connection: who it is, and what it says it runs (KIP-511). Hands
 * each frame to the handler of its request. Belongs to the connection's lane.
 */
public final class ClientSession {

  private final RequestDecoder decoder;
  private final ClientPeer peer;
  private ClientInformation clientInformation = ClientInformation.EMPTY;

  public ClientSession(RequestDecoder decoder, ClientPeer peer) {
    this.decoder = decoder;
    this.peer = peer;
  }

  /**
   * Decodes a frame without its length and hands it to its handler, which answers to {@code slot},
   * perhaps in this call.
   *
   * @param frame borrowed; see {@link FrameUse} for how long
   * @return null, or why the frame is unacceptable; then the slot is the caller's to answer
   */
  public @Nullable String dispatch(ByteBuffer frame, ReplySlot slot) {
    return switch (decoder.decode(frame)) {
      case DecodedFrame.Unacceptable(String reason) -> reason;
      case DecodedFrame.Request request -> {
        handle(request, slot);
        yield null;
      }
    };
  }

  ClientPeer peer() {
    return peer;
  }

  RequestContext contextOf(RequestHeader header) {
    return new RequestContext(
        header,
        Long.toString(peer.connectionId()),
        peer.address().getAddress(),
        Optional.of(peer.address().getPort()),
        KafkaPrincipal.ANONYMOUS,
        new ListenerName(peer.listenerName()),
        SecurityProtocol.PLAINTEXT,
        clientInformation,
        false);
  }

  private void handle(DecodedFrame.Request decoded, ReplySlot slot) {
    if (decoded.body() instanceof ApiVersionsRequest versions && versions.isValid()) {
      clientInformation =
          new ClientInformation(
              versions.data().clientSoftwareName(), versions.data().clientSoftwareVersion());
    }
    var request = new SlotRequest(this, decoded.header(), decoded.body(), slot);
    try {
      decoded.handler().handle(request);
    } catch (Throwable e) { // the outermost loop of handlers: only an answer frees the frame
      request.failUnlessAnswered(e);
    }
  }
}
