package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Requests about several groups, each answered by its own coordinator.
 *
 * @param <Q> what is asked of a group
 * @param <A> what is answered
 */
record ManyGroupsApi<Q, A>(ApiKeys key, Shape<Q, A> shape) implements ForwardingHandler.Api {

  /** How the messages of one API are built. */
  interface Shape<Q, A> {

    /** Each group once. */
    List<Q> asked(ClientRequest request);

    String group(Q asked);

    /** A request like {@code whole} for these alone. */
    ApiMessage part(ClientRequest whole, List<Q> asked);

    /** In any order. */
    List<A> answered(ApiMessage answer);

    String answeredGroup(A answer);

    short error(A answer);

    A refused(ClientRequest request, Q asked, Errors error);

    ApiMessage response(ClientRequest request, List<A> answers);

    /** Whether it may be sent again when nobody knows whether it was done. */
    boolean isRepeatable();
  }

  @Override
  public boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link) {
    for (var asked : shape.asked(request)) {
      if (!OneGroupApi.isHere(shape.group(asked), image, link)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public ApiPieces takeApart(ClientRequest request, ClusterImage image) {
    return new Each<>(request, shape);
  }

  @Override
  public boolean needsGroups() {
    return true;
  }

  private static final class Each<Q, A> extends ApiPieces {

    private final Shape<Q, A> shape;
    private final List<Q> asked;
    private final List<A> answers = new ArrayList<>();

    private Each(ClientRequest request, Shape<Q, A> shape) {
      super(request);
      this.shape = shape;
      this.asked = shape.asked(request);
      for (var one : asked) {
        answers.add(shape.refused(request, one, Errors.COORDINATOR_NOT_AVAILABLE));
      }
    }

    @Override
    public int count() {
      return asked.size();
    }

    @Override
    public @Nullable Route route(int piece, ClusterImage image) {
      return OneGroupApi.route(shape.group(asked.get(piece)), image);
    }

    @Override
    public Object line(int piece) {
      return shape.group(asked.get(piece));
    }

    @Override
    public boolean isRepeatable(int piece) {
      return shape.isRepeatable();
    }

    @Override
    ApiMessage part(List<Piece> pieces, int timeLeftMs) {
      return shape.part(request(), pieces.stream().map(piece -> asked.get(piece.index())).toList());
    }

    @Override
    void take(ApiMessage answer, List<Piece> pieces) {
      Map<String, A> byGroup = new HashMap<>();
      shape.answered(answer).forEach(told -> byGroup.put(shape.answeredGroup(told), told));
      for (var piece : pieces) {
        var told = byGroup.get(shape.group(asked.get(piece.index())));
        requireSame(told != null);
        answers.set(piece.index(), told);
      }
    }

    @Override
    public Verdict verdict(int piece) {
      return shape.error(answers.get(piece)) == Errors.NOT_COORDINATOR.code()
          ? Verdict.NOT_LED
          : Verdict.FINAL;
    }

    @Override
    public void refuse(int piece, Reason reason) {
      answers.set(piece, shape.refused(request(), asked.get(piece), Errors.NOT_COORDINATOR));
    }

    @Override
    public void answer() {
      request().respond(shape.response(request(), answers));
    }
  }
}
