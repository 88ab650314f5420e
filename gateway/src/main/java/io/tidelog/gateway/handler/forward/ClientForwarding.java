package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLane;
import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Pieces;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.OutgoingRequest;
import io.tidelog.gateway.wire.PipeAnswer;
import io.tidelog.gateway.wire.PipeReceiver;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.api.ClusterImage;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client's connection has under way at other nodes. Attached to the connection with the
 * first request that is not answered here, and closed with it.
 */
final class ClientForwarding implements Pieces.Sender, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ClientForwarding.class);

  private final ForwardLane lane;
  private final @Nullable RequestRouter local;
  private final ForwardLink link;
  private final NodePipes pipes;

  /**
   * @param local handlers of what this node leads, null when it leads nothing
   */
  private ClientForwarding(ForwardLane lane, @Nullable RequestRouter local) {
    this.lane = lane;
    this.local = local;
    this.link = lane.open(this);
    this.pipes = new NodePipes(lane.config());
  }

  static ClientForwarding of(
      ClientRequest request, Forwarding forwarding, @Nullable RequestRouter local) {
    return request
        .link()
        .attached(
            ClientForwarding.class,
            () -> new ClientForwarding(forwarding.of(request.lane()), local));
  }

  ForwardLink link() {
    return link;
  }

  @Override
  public void send(Pieces from, int node, List<Piece> pieces, int timeLeftMs) {
    var api = (ApiPieces) from;
    var request = api.request();
    var part = api.part(pieces, timeLeftMs);
    var image = lane.image();
    if (local != null && node == image.nodeId()) {
      sendHere(local, api, part, pieces);
      return;
    }
    var pipe = pipes.to(node, image, request);
    if (pipe == null) {
      link.onLost(pieces, true);
      return;
    }
    pipe.send(
        new OutgoingRequest(
            request.api(), request.version(), request.clientId(), part, api.keepWhileSent()),
        new PipeReceiver() {
          @Override
          public void onAnswer(PipeAnswer answer) {
            if (!take(api, answer.message(), pieces)) {
              pipe.close();
            }
          }

          @Override
          public void onLost(boolean neverSent) {
            link.onLost(pieces, neverSent);
          }
        });
  }

  @Override
  public void onOverdue(int node) {
    LOG.warn("node has not answered in time, connection given up, node={}", node);
    pipes.drop(node);
  }

  @Override
  public void onNodes(ClusterImage image) {
    pipes.onNodes(image);
  }

  @Override
  public void close() {
    link.close();
    pipes.close();
  }

  private void sendHere(RequestRouter router, ApiPieces api, ApiMessage part, List<Piece> pieces) {
    var request = api.request();
    var handler = router.find(request.api(), request.version());
    if (handler == null) {
      throw new IllegalStateException("nobody here answers " + request.api());
    }
    var mine =
        new PartRequest(
            request,
            api.parsed(part),
            answer -> {
              if (answer == null) {
                link.onLost(pieces, false);
              } else {
                take(api, answer, pieces);
              }
            });
    try {
      handler.handle(mine);
    } catch (RuntimeException e) { // as from any other node there has to be an answer
      LOG.error("a handler failed, api={}", request.api(), e);
      mine.failUnlessAnswered(e);
    }
  }

  /** False when the answer made no sense; then nobody knows what was done. */
  private boolean take(ApiPieces api, ApiMessage answer, List<Piece> pieces) {
    try {
      api.take(answer, pieces);
    } catch (RuntimeException e) { // whoever waits has to be told, whatever was answered
      LOG.error("an answer does not fit its request, api={}", api.request().api(), e);
      link.onLost(pieces, false);
      return false;
    }
    link.onAnswered(api.finish(pieces, late -> link.onAnswered(List.of(late))));
    return true;
  }
}
