package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.handler.GroupHomes;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jspecify.annotations.Nullable;

/**
 * Requests about one group, passed on whole to its coordinator, in the order of the client's
 * requests about that group.
 *
 * @param group which one
 * @param isMisplaced whether an answer says that the node does not coordinate the group
 * @param repeatable whether it may be sent again when nobody knows whether it was done
 * @param patienceMs how long the coordinator may take because the request asks to wait
 */
record OneGroupApi(
    ApiKeys key,
    Function<AbstractRequest, String> group,
    Function<ApiMessage, Boolean> isMisplaced,
    boolean repeatable,
    ToIntFunction<AbstractRequest> patienceMs)
    implements ForwardingHandler.Api {

  @Override
  public boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link) {
    return isHere(group.apply(request.body()), image, link);
  }

  @Override
  public ApiPieces takeApart(ClientRequest request, ClusterImage image) {
    return new Whole(request, this);
  }

  @Override
  public boolean needsGroups() {
    return true;
  }

  /** Whether this node coordinates the group, and nothing of it waits elsewhere. */
  static boolean isHere(String group, ClusterImage image, @Nullable ForwardLink link) {
    var offsets = GroupHomes.offsets(image);
    return offsets != null
        && Route.isHere(image, offsets, GroupHomes.partition(offsets, group))
        && (link == null || !link.isBusy(group));
  }

  static @Nullable Route route(String group, ClusterImage image) {
    var offsets = GroupHomes.offsets(image);
    return offsets == null ? null : Route.of(image, offsets, GroupHomes.partition(offsets, group));
  }

  private static final class Whole extends ApiPieces {

    private final OneGroupApi api;
    private final String group;
    private @Nullable ApiMessage answer;

    private Whole(ClientRequest request, OneGroupApi api) {
      super(request);
      this.api = api;
      this.group = api.group.apply(request.body());
    }

    @Override
    public int count() {
      return 1;
    }

    @Override
    public @Nullable Route route(int piece, ClusterImage image) {
      return OneGroupApi.route(group, image);
    }

    @Override
    public Object line(int piece) {
      return group;
    }

    @Override
    public boolean isRepeatable(int piece) {
      return api.repeatable;
    }

    @Override
    public int patienceMs() {
      return api.patienceMs.applyAsInt(request().body());
    }

    @Override
    ApiMessage part(List<Piece> pieces, int timeLeftMs) {
      return request().body().data();
    }

    @Override
    AbstractRequest parsed(ApiMessage part) {
      return request().body();
    }

    @Override
    void take(ApiMessage told, List<Piece> pieces) {
      answer = told;
    }

    @Override
    public Verdict verdict(int piece) {
      return answer != null && api.isMisplaced.apply(answer) ? Verdict.NOT_LED : Verdict.FINAL;
    }

    /** After either a client looks for the coordinator, and decides what it asks it. */
    @Override
    public void refuse(int piece, Reason reason) {
      answer = request().body().getErrorResponse(0, Errors.NOT_COORDINATOR.exception()).data();
    }

    @Override
    public void answer() {
      if (answer == null) {
        throw new IllegalStateException("answered without an answer");
      }
      request().respond(answer);
    }
  }
}
