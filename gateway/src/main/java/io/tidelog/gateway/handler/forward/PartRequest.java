package io.tidelog.gateway.handler.forward;

import io.tidelog.core.Lane;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.wire.ClientLink;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import java.net.InetAddress;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/** The part of a request that this node answers itself; its answer goes where the others go. */
final class PartRequest implements ClientRequest {

  private final ClientRequest whole;
  private final AbstractRequest body;
  private final Consumer<@Nullable ApiMessage> receiver;
  private final Runnable giveMemoryBack;
  private boolean answered;

  /**
   * @param receiver told the answer once, or null when there is none
   */
  PartRequest(ClientRequest whole, AbstractRequest body, Consumer<@Nullable ApiMessage> receiver) {
    this.whole = whole;
    this.body = body;
    this.receiver = receiver;
    this.giveMemoryBack = whole.keepMemory();
  }

  @Override
  public RequestHeader header() {
    return whole.header();
  }

  @Override
  public AbstractRequest body() {
    return body;
  }

  @Override
  public String clientId() {
    return whole.clientId();
  }

  @Override
  public InetAddress clientAddress() {
    return whole.clientAddress();
  }

  @Override
  public String listenerName() {
    return whole.listenerName();
  }

  @Override
  public ListenerAddress advertised() {
    return whole.advertised();
  }

  @Override
  public long connectionId() {
    return whole.connectionId();
  }

  @Override
  public ClientLink link() {
    return whole.link();
  }

  @Override
  public RequestContext context() {
    return whole.context();
  }

  @Override
  public int sizeBytes() {
    return whole.sizeBytes();
  }

  @Override
  public long receivedNs() {
    return whole.receivedNs();
  }

  @Override
  public Lane lane() {
    return whole.lane();
  }

  @Override
  public boolean isOpen() {
    return whole.isOpen();
  }

  /** Whoever put the whole together tells when the client is gone. */
  @Override
  public void onClosed(Runnable task) {}

  @Override
  public Runnable keepMemory() {
    return whole.keepMemory();
  }

  @Override
  public void respond(ApiMessage response) {
    answer(response);
  }

  @Override
  public void respondNothing() {
    answer(null);
  }

  @Override
  public void fail(Throwable fault) {
    var response = body.getErrorResponse(0, KafkaErrors.exception(fault));
    answer(response == null ? null : response.data());
  }

  @Override
  public void disconnect(String reason) {
    answer(null);
  }

  void failUnlessAnswered(Throwable fault) {
    if (!answered) {
      fail(fault);
    }
  }

  private void answer(@Nullable ApiMessage response) {
    if (answered) {
      throw new IllegalStateException(api() + " answered twice");
    }
    answered = true;
    receiver.accept(response);
    giveMemoryBack.run();
  }
}
