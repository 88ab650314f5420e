package io.tidelog.gateway.fake;

import io.tidelog.core.Lane;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.wire.ClientLink;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RecordPayload;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * A request that went over the wire in some version, and whose answer does: both are written and
 * parsed as that version, so that a field the version does not know shows.
 */
public final class FakeRequest implements ClientRequest {

  private final RequestHeader header;
  private final AbstractRequest body;
  private final ByteBuffer frame;
  private final Lane lane;
  private final FakeLink link;
  private final long receivedNs;

  private int answers;
  private boolean memoryKept;
  private @Nullable ApiMessage answer;
  private @Nullable String disconnected;
  private @Nullable Throwable failure;
  private @Nullable Runnable onClosed;

  public FakeRequest(ApiKeys api, int version, ApiMessage message, Lane lane, SteppedClock clock) {
    this.header = new RequestHeader(api, (short) version, "test", 1);
    this.frame = MessageUtil.toByteBufferAccessor(message, (short) version).buffer();
    this.body =
        AbstractRequest.parseRequest(api, (short) version, new ByteBufferAccessor(frame)).request;
    this.lane = lane;
    this.link = new FakeLink(lane);
    this.receivedNs = clock.monotonicNs();
  }

  /** The answer as the client parses it. */
  public <T extends ApiMessage> T answer(Class<T> type) {
    if (answer == null) {
      throw new AssertionError("no answer; disconnected: " + disconnected, failure);
    }
    return type.cast(answer);
  }

  /** How often it was answered in any way. */
  public int answers() {
    return answers;
  }

  public @Nullable String disconnected() {
    return disconnected;
  }

  public @Nullable Throwable failure() {
    return failure;
  }

  public boolean memoryKept() {
    return memoryKept;
  }

  /** The client goes away. */
  public void close() {
    if (onClosed != null && answers == 0) {
      onClosed.run();
    }
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
    return link;
  }

  @Override
  public RequestContext context() {
    throw new UnsupportedOperationException("nobody here authorises");
  }

  @Override
  public int sizeBytes() {
    return frame.limit();
  }

  @Override
  public long receivedNs() {
    return receivedNs;
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void onClosed(Runnable task) {
    onClosed = task;
  }

  @Override
  public Runnable keepMemory() {
    memoryKept = true;
    return () -> memoryKept = false;
  }

  @Override
  public void respond(ApiMessage response) {
    answers++;
    if (response instanceof FetchResponseData fetched) {
      fetched
          .responses()
          .forEach(
              topic -> topic.partitions().forEach(part -> part.setRecords(copy(part.records()))));
    }
    var written = MessageUtil.toByteBufferAccessor(response, header.apiVersion());
    answer = AbstractResponse.parseResponse(header.apiKey(), written, header.apiVersion()).data();
  }

  @Override
  public void respondNothing() {
    answers++;
  }

  @Override
  public void fail(Throwable fault) {
    answers++;
    failure = KafkaErrors.unwrap(fault);
  }

  @Override
  public void disconnect(String reason) {
    answers++;
    disconnected = reason;
  }

  private static BaseRecords copy(BaseRecords records) {
    if (!(records instanceof RecordPayload payload)) {
      return records;
    }
    try (payload) {
      var copy = ByteBuffer.allocate(payload.sizeInBytes());
      payload.bytes().parts().forEach(part -> copy.put(part.bytes()));
      return MemoryRecords.readableRecords(copy.flip());
    }
  }
}
