package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NodeRegistration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Requests that tools send to every broker, each of which tells of itself. A gateway tells of those
 * nodes that are no gateways and that it speaks for, so that all gateways together tell of each
 * node once; what of itself, too, when it leads something.
 *
 * @param merge puts the answers of nodes together
 */
record EachNodeApi(
    ApiKeys key, BiFunction<ClientRequest, Map<Integer, ApiMessage>, ApiMessage> merge)
    implements ForwardingHandler.Api {

  @Override
  public boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link) {
    return nodes(image).equals(List.of(image.nodeId()));
  }

  @Override
  public ApiPieces takeApart(ClientRequest request, ClusterImage image) {
    return new Nodes(request, nodes(image), merge);
  }

  private static List<Integer> nodes(ClusterImage image) {
    var shown = ShownLeaders.of(image, null);
    return image.registrations().stream()
        .filter(NodeRegistration::isHot)
        .map(NodeRegistration::id)
        .filter(
            id ->
                image.node(id) == null ? shown.speaker(id) == image.nodeId() : id == image.nodeId())
        .sorted()
        .toList();
  }

  private static final class Nodes extends ApiPieces {

    private final List<Integer> nodes;
    private final BiFunction<ClientRequest, Map<Integer, ApiMessage>, ApiMessage> merge;
    private final Map<Integer, ApiMessage> answers = new LinkedHashMap<>();

    private Nodes(
        ClientRequest request,
        List<Integer> nodes,
        BiFunction<ClientRequest, Map<Integer, ApiMessage>, ApiMessage> merge) {
      super(request);
      this.nodes = nodes;
      this.merge = merge;
    }

    @Override
    public int count() {
      return nodes.size();
    }

    @Override
    public @Nullable Route route(int piece, ClusterImage image) {
      return image.registration(nodes.get(piece)) == null ? null : new Route(nodes.get(piece), 0);
    }

    @Override
    ApiMessage part(List<Piece> pieces, int timeLeftMs) {
      return request().body().data();
    }

    @Override
    void take(ApiMessage answer, List<Piece> pieces) {
      answers.put(nodes.get(pieces.getFirst().index()), answer);
    }

    @Override
    public Verdict verdict(int piece) {
      return Verdict.FINAL;
    }

    @Override
    public void refuse(int piece, Reason reason) {
      answers.put(
          nodes.get(piece),
          request().body().getErrorResponse(0, Errors.REQUEST_TIMED_OUT.exception()).data());
    }

    @Override
    public void answer() {
      request().respond(merge.apply(request(), answers));
    }
  }
}
