package io.tidelog.gateway.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * One request about to be encoded, measured first; record batches that are worth it stay where they
 * are. Length field included.
 */
public final class RequestEncoder {

  /** A smaller batch is copied: that costs less than to send it as a piece of its own. */
  static final int COPIED_BYTES = 4_096;

  private final OutgoingRequest request;
  private final RequestHeaderData header;
  private final short headerVersion;
  private final ObjectSerializationCache cache = new ObjectSerializationCache();
  private final int frameBytes;
  private final int leftInPlaceBytes;

  public RequestEncoder(OutgoingRequest request, int correlationId) {
    this.request = request;
    this.header =
        new RequestHeaderData()
            .setRequestApiKey(request.api().id)
            .setRequestApiVersion(request.version())
            .setCorrelationId(correlationId)
            .setClientId(request.clientId());
    this.headerVersion = request.api().requestHeaderVersion(request.version());
    var size = new MessageSizeAccumulator();
    header.addSize(size, cache, headerVersion);
    request.body().addSize(size, cache, request.version());
    this.frameBytes = size.totalSize();
    this.leftInPlaceBytes = leftInPlaceBytes(request.body());
  }

  /** Of all that is sent. */
  public int sizeBytes() {
    return Integer.BYTES + frameBytes;
  }

  /** Size of the buffer {@link #encode} fills. */
  public int headBytes() {
    return Integer.BYTES + frameBytes - leftInPlaceBytes;
  }

  /**
   * Writes everything but the records left in place; fills {@code head} to its limit.
   *
   * @return where those go, in order
   */
  public List<Insertion> encode(ByteBuffer head) {
    var writer = new HeadWriter(head);
    writer.writeInt(frameBytes);
    header.write(writer, cache, headerVersion);
    request.body().write(writer, cache, request.version());
    if (head.hasRemaining()) {
      throw new IllegalStateException(request.api() + " is " + head.remaining() + " bytes short");
    }
    return writer.insertions;
  }

  private static int leftInPlaceBytes(ApiMessage body) {
    int bytes = 0;
    if (body instanceof ProduceRequestData produce) {
      for (var topic : produce.topicData()) {
        for (var partition : topic.partitionData()) {
          if (partition.records() instanceof MemoryRecords records && staysInPlace(records)) {
            bytes += records.sizeInBytes();
          }
        }
      }
    }
    return bytes;
  }

  private static boolean staysInPlace(MemoryRecords records) {
    return records.sizeInBytes() > COPIED_BYTES;
  }

  /**
   * Records between the bytes of the head.
   *
   * @param position how many bytes of the head come before them
   */
  public record Insertion(int position, ByteBuffer bytes) {}

  private static final class HeadWriter extends ByteBufferAccessor {

    private final List<Insertion> insertions = new ArrayList<>(1);
    private final int start;

    HeadWriter(ByteBuffer head) {
      super(head);
      this.start = head.position();
    }

    @Override
    public void writeRecords(BaseRecords records) {
      if (records instanceof MemoryRecords inMemory && staysInPlace(inMemory)) {
        insertions.add(new Insertion(buffer().position() - start, inMemory.buffer()));
      } else {
        super.writeRecords(records);
      }
    }
  }
}
