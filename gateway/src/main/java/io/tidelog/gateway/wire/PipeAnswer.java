package io.tidelog.gateway.wire;

import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;

/** What a node answered; valid during the call that brought it, unless its memory is kept. */
public final class PipeAnswer {

  private final ApiMessage message;
  private final Supplier<Runnable> memory;

  private PipeAnswer(ApiMessage message, Supplier<Runnable> memory) {
    this.message = message;
    this.memory = memory;
  }

  /** Which request a frame without its length answers. */
  public static int correlationId(ByteBuffer frame) {
    return frame.getInt(frame.position());
  }

  /**
   * Parses a whole frame without its length.
   *
   * @param frame borrowed; records of the answer are views of it
   * @param memory as {@link #keepMemory}
   * @throws RuntimeException for bytes that are no such answer
   */
  public static PipeAnswer read(
      OutgoingRequest request, ByteBuffer frame, Supplier<Runnable> memory) {
    var reader = new RequestReader(frame, RequestLimits.DEFAULT);
    var unused =
        new ResponseHeaderData(reader, request.api().responseHeaderVersion(request.version()));
    return new PipeAnswer(
        AbstractResponse.parseResponse(request.api(), reader, request.version()).data(), memory);
  }

  /** The parsed answer; records in it are views of the received frame. */
  public ApiMessage message() {
    return message;
  }

  /**
   * Keeps the frame for whoever holds views of it.
   *
   * @return gives the frame back; to be run once, on the lane
   */
  public Runnable keepMemory() {
    return memory.get();
  }
}
