package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Pieces;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jspecify.annotations.Nullable;

/** A request of the Kafka protocol in pieces; nodes are asked in the version the client chose. */
abstract class ApiPieces implements Pieces {

  /** As {@link #timeoutMs}: the request does not say. */
  static final int UNSAID = -1;

  private final ClientRequest request;

  ApiPieces(ClientRequest request) {
    this.request = request;
  }

  final ClientRequest request() {
    return request;
  }

  /**
   * A request for these pieces alone.
   *
   * @param timeLeftMs until the client stops waiting
   */
  abstract ApiMessage part(List<Piece> pieces, int timeLeftMs);

  /**
   * Keeps what a node answered to {@link #part}, for {@link #verdict} and {@link #answer}.
   *
   * @throws IllegalStateException when it answers something else
   */
  abstract void take(ApiMessage answer, List<Piece> pieces);

  /**
   * Does what is left to this gateway of what was just taken.
   *
   * @param late told, on the lane, those that take longer
   * @return those that need nothing more
   */
  List<Piece> finish(List<Piece> pieces, Consumer<Piece> late) {
    return pieces;
  }

  /** The part as a handler of this node wants it. */
  AbstractRequest parsed(ApiMessage part) {
    short version = request.version();
    var bytes = MessageUtil.toByteBufferAccessor(part, version).buffer();
    return AbstractRequest.parseRequest(request.api(), version, new ByteBufferAccessor(bytes))
        .request;
  }

  /** Keeps what a part refers to until it is sent. */
  Runnable keepWhileSent() {
    return () -> {};
  }

  @Override
  public @Nullable Object line(int piece) {
    return null;
  }

  @Override
  public boolean isRepeatable(int piece) {
    return true;
  }

  @Override
  public int timeoutMs() {
    return UNSAID;
  }

  @Override
  public int patienceMs() {
    return 0;
  }

  @Override
  public void drop() {
    request.respondNothing();
  }

  /** An answer has to be about what was asked, in the same order. */
  static void requireSame(boolean same) {
    if (!same) {
      throw new IllegalStateException("a node answered something else than it was asked");
    }
  }
}
