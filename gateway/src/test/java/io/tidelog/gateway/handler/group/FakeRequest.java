package io.tidelog.gateway.handler.group;

import io.tidelog.core.Lane;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.wire.ClientLink;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import java.net.InetAddress;
import java.util.ArrayDeque;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A request as a connection hands it over; its lane is stepped by hand. */
final class FakeRequest implements ClientRequest {

  private final RequestHeader header;
  private final AbstractRequest body;
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private ApiMessage response;

  private FakeRequest(AbstractRequest body) {
    this.body = body;
    this.header = new RequestHeader(body.apiKey(), body.version(), "test-client", 7);
  }

  /** A request that went over the wire in {@code version}. */
  static FakeRequest of(ApiKeys api, short version, ApiMessage data) {
    var bytes = MessageUtil.toByteBufferAccessor(data, version);
    return new FakeRequest(
        AbstractRequest.parseRequest(api, version, new ByteBufferAccessor(bytes.buffer())).request);
  }

  /** What was answered, encoded in the request's version and read back. */
  <T extends ApiMessage> T answer(Class<T> type) {
    while (!tasks.isEmpty()) {
      tasks.poll().run();
    }
    if (response == null) {
      throw new AssertionError("not answered");
    }
    var bytes = MessageUtil.toByteBufferAccessor(response, version());
    var read = header.apiKey().messageType.newResponse();
    read.read(new ByteBufferAccessor(bytes.buffer()), version());
    return type.cast(read);
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
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public String listenerName() {
    return "PLAINTEXT";
  }

  @Override
  public ListenerAddress advertised() {
    return new ListenerAddress(listenerName(), "localhost", 9092);
  }

  @Override
  public long connectionId() {
    return 1;
  }

  @Override
  public ClientLink link() {
    throw new UnsupportedOperationException("nothing outlives a request here");
  }

  @Override
  public RequestContext context() {
    return new RequestContext(
        header,
        "1",
        clientAddress(),
        KafkaPrincipal.ANONYMOUS,
        new ListenerName(listenerName()),
        SecurityProtocol.PLAINTEXT,
        ClientInformation.EMPTY,
        false);
  }

  @Override
  public int sizeBytes() {
    return 0;
  }

  @Override
  public long receivedNs() {
    return 0;
  }

  @Override
  public Lane lane() {
    return new Lane() {
      @Override
      public void execute(Runnable task) {
        tasks.add(task);
      }

      @Override
      public Runnable executeAt(long deadlineNs, Runnable task) {
        throw new UnsupportedOperationException();
      }
    };
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void onClosed(Runnable task) {}

  @Override
  public Runnable keepMemory() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void respond(ApiMessage message) {
    if (response != null) {
      throw new AssertionError("answered twice");
    }
    response = message;
  }

  @Override
  public void respondNothing() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void fail(Throwable fault) {
    respond(body.getErrorResponse(KafkaErrors.exception(fault)).data());
  }

  @Override
  public void disconnect(String reason) {
    throw new UnsupportedOperationException();
  }
}
