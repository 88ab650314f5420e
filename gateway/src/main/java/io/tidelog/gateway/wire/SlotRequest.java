package io.tidelog.gateway.wire;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.gateway.ListenerAddress;
import java.net.InetAddress;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request and the slot its answer goes to; owned by its handler, on the connection's lane. */
final class SlotRequest implements ClientRequest {

  private static final Logger LOG = LoggerFactory.getLogger(SlotRequest.class);

  private final ClientSession session;
  private final RequestHeader header;
  private final AbstractRequest body;
  private final ReplySlot slot;
  private boolean answered;

  SlotRequest(ClientSession session, RequestHeader header, AbstractRequest body, ReplySlot slot) {
    this.session = session;
    this.header = header;
    this.body = body;
    this.slot = slot;
  }

  @Override
  public RequestHeader header() {
    return header;
  }

  @Override
  public AbstractRequest body() {
    return body;
  }

  @Override
  public String clientId() {
    return header.clientId();
  }

  @Override
  public InetAddress clientAddress() {
    return session.peer().address().getAddress();
  }

  @Override
  public String listenerName() {
    return session.peer().listenerName();
  }

  @Override
  public ListenerAddress advertised() {
    return session.peer().advertised();
  }

  @Override
  public long connectionId() {
    return session.peer().connectionId();
  }

  @Override
  public ClientLink link() {
    return session;
  }

  @Override
  public RequestContext context() {
    return session.contextOf(header);
  }

  @Override
  public int sizeBytes() {
    return slot.sizeBytes();
  }

  @Override
  public long receivedNs() {
    return slot.receivedNs();
  }

  @Override
  public Lane lane() {
    return slot.lane();
  }

  @Override
  public boolean isOpen() {
    return slot.isOpen();
  }

  @Override
  public void onClosed(Runnable task) {
    slot.onClosed(task);
  }

  @Override
  public Runnable keepMemory() {
    return slot.keepMemory();
  }

  @Override
  public void respond(ApiMessage response) {
    requireUnanswered();
    if (!slot.isOpen()) {
      close(response);
      slot.sendNothing();
      return;
    }
    try {
      slot.send(new ResponseEncoder(header, response));
    } catch (RuntimeException e) { // a response that does not fit its version is our bug
      LOG.error("response not encodable, api={} version={}", api(), version(), e);
      close(response);
      slot.disconnect("the response could not be encoded");
    }
  }

  @Override
  public void respondNothing() {
    requireUnanswered();
    slot.sendNothing();
  }

  @Override
  public void fail(Throwable fault) {
    var cause = KafkaErrors.unwrap(fault);
    boolean expected = cause instanceof Fault || cause instanceof ApiException;
    if (cause instanceof Fault.Broken || !expected) {
      LOG.error("request failed, api={} version={} client={}", api(), version(), clientId(), cause);
    }
    var response = errorResponse(cause);
    if (response == null) {
      disconnect("no error response for " + api().name + ": " + KafkaErrors.of(cause));
    } else {
      respond(response.data());
    }
  }

  @Override
  public void disconnect(String reason) {
    requireUnanswered();
    slot.disconnect(reason);
  }

  /** Its handler threw. */
  void failUnlessAnswered(Throwable fault) {
    if (answered) {
      LOG.error("handler failed after its answer, api={} version={}", api(), version(), fault);
    } else {
      fail(fault);
    }
  }

  private @Nullable AbstractResponse errorResponse(Throwable cause) {
    try {
      return body.getErrorResponse(0, KafkaErrors.exception(cause));
    } catch (RuntimeException e) { // some requests cannot tell every error
      LOG.error("no error response, api={} version={}", api(), version(), e);
      return null;
    }
  }

  private void requireUnanswered() {
    if (!slot.inLane()) {
      throw new IllegalStateException(api() + " answered off its lane");
    }
    if (answered) {
      throw new IllegalStateException(api() + " answered twice");
    }
    answered = true;
  }

  private static void close(ApiMessage response) {
    ResponseEncoder.payloads(response).forEach(RecordPayload::close);
  }
}
