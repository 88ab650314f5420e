package io.tidelog.gateway.wire;

import io.tidelog.core.Lane;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the protocol knows of one connection: who it is, and what it says it runs (KIP-511). Hands
 * each frame to the handler of its request. Belongs to the connection's lane.
 */
public final class ClientSession implements ClientLink, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

  private final RequestDecoder decoder;
  private final Dialer dialer;

  /** Whose requests these are: whoever connected, or the client it was introduced as. */
  private ClientPeer peer;

  private boolean introduced;

  private ClientInformation clientInformation = ClientInformation.EMPTY;

  /** By kind; most connections have none. */
  private final Map<Class<?>, AutoCloseable> attachments = new HashMap<>(2);

  private boolean closed;

  public ClientSession(RequestDecoder decoder, ClientPeer peer, Dialer dialer) {
    this.decoder = decoder;
    this.peer = peer;
    this.dialer = dialer;
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

  @Override
  public ClientPeer peer() {
    return peer;
  }

  @Override
  public String softwareName() {
    return clientInformation.softwareName();
  }

  @Override
  public String softwareVersion() {
    return clientInformation.softwareVersion();
  }

  @Override
  public Lane lane() {
    return dialer.lane();
  }

  @Override
  public <T extends AutoCloseable> @Nullable T find(Class<T> kind) {
    return kind.cast(attachments.get(kind));
  }

  @Override
  public <T extends AutoCloseable> T attached(Class<T> kind, Supplier<T> make) {
    var known = find(kind);
    if (known != null) {
      return known;
    }
    var made = make.get();
    if (closed) {
      close(made);
    } else {
      attachments.put(kind, made);
    }
    return made;
  }

  @Override
  public NodePipe dial(PipeTarget target) {
    return dialer.dial(target);
  }

  @Override
  public void onIntroduced(Introduction client) {
    peer = new ClientPeer(peer.connectionId(), client.listener(), client.client());
    introduced = true;
  }

  @Override
  public boolean isIntroduced() {
    return introduced;
  }

  /** The connection is gone: closes what was attached. */
  @Override
  public void close() {
    closed = true;
    var all = List.copyOf(attachments.values());
    attachments.clear();
    all.forEach(ClientSession::close);
  }

  private static void close(AutoCloseable attached) {
    try {
      attached.close();
    } catch (Exception e) { // one that fails to close keeps no other from closing
      LOG.error("not closed with its connection, what={}", attached, e);
    }
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
