package io.tidelog.gateway.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * One response about to be encoded: measured first, so that everything but the records goes into
 * one buffer of exactly the right size; the records stay where they are. Length field included.
 */
public final class ResponseEncoder {

  private final ResponseHeaderData header;
  private final ApiMessage body;
  private final short headerVersion;
  private final short version;
  private final List<RecordPayload> payloads;
  private final ObjectSerializationCache cache = new ObjectSerializationCache();
  private final int frameBytes;
  private final int payloadBytes;

  /**
   * Measures the answer to a request.
   *
   * @throws RuntimeException when the response does not fit the request's version
   */
  public ResponseEncoder(RequestHeader request, ApiMessage body) {
    this.header = new ResponseHeaderData().setCorrelationId(request.correlationId());
    this.body = body;
    this.version = answerVersion(request);
    this.headerVersion = request.apiKey().responseHeaderVersion(version);
    this.payloads = payloads(body);
    var size = new MessageSizeAccumulator();
    header.addSize(size, cache, headerVersion);
    body.addSize(size, cache, version);
    this.frameBytes = size.totalSize();
    int bytes = 0;
    for (var payload : payloads) {
      bytes += payload.sizeInBytes();
    }
    this.payloadBytes = bytes;
  }

  /** Size of the buffer {@link #encode} fills. */
  public int headBytes() {
    return Integer.BYTES + frameBytes - payloadBytes;
  }

  /**
   * Writes everything but the records; fills {@code head} to its limit.
   *
   * @return where the records go, in order
   */
  public List<Insertion> encode(ByteBuffer head) {
    var writer = new HeadWriter(head);
    writer.writeInt(frameBytes);
    header.write(writer, cache, headerVersion);
    body.write(writer, cache, version);
    if (head.hasRemaining()) {
      throw new IllegalStateException(
          body.getClass().getSimpleName() + " is " + head.remaining() + " bytes short");
    }
    return writer.insertions;
  }

  /** Every payload a response owns, to be closed when it is not sent. */
  public static List<RecordPayload> payloads(ApiMessage body) {
    if (!(body instanceof FetchResponseData fetch)) {
      return List.of();
    }
    var found = new ArrayList<RecordPayload>();
    for (var topic : fetch.responses()) {
      for (var partition : topic.partitions()) {
        if (partition.records() instanceof RecordPayload payload) {
          found.add(payload);
        }
      }
    }
    return found;
  }

  /** An unsupported ApiVersions request is answered in version 0, which everybody reads. */
  private static short answerVersion(RequestHeader request) {
    return request.apiKey() == ApiKeys.API_VERSIONS && !request.isApiVersionSupported()
        ? 0
        : request.apiVersion();
  }

  /**
   * Records between the bytes of the head.
   *
   * @param position how many bytes of the head come before them
   */
  public record Insertion(int position, RecordPayload payload) {}

  private static final class HeadWriter extends ByteBufferAccessor {

    private final List<Insertion> insertions = new ArrayList<>();
    private final int start;

    HeadWriter(ByteBuffer head) {
      super(head);
      this.start = head.position();
    }

    @Override
    public void writeRecords(BaseRecords records) {
      if (records instanceof RecordPayload payload) {
        insertions.add(new Insertion(buffer().position() - start, payload));
      } else {
        super.writeRecords(records);
      }
    }
  }
}
