package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.handler.GroupHomes;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.api.ClusterImage;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of one API key, whoever leads what they ask for. What is all led here goes
 * to the handler of this node as it is.
 */
final class ForwardingHandler implements RequestHandler {

  private final Api api;
  private final Forwarding forwarding;
  private final @Nullable RequestRouter local;
  private final Supplier<CompletionStage<Void>> groupsReady;

  /** How the requests of one API key are taken apart. */
  interface Api {

    ApiKeys key();

    /**
     * Whether this node answers all of it as if there were no other.
     *
     * @param link what the client has under way elsewhere, or null
     */
    boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link);

    ApiPieces takeApart(ClientRequest request, ClusterImage image);

    /** Whether it wants the topic of offsets, which is made when somebody asks first. */
    default boolean needsGroups() {
      return false;
    }
  }

  /**
   * @param local handlers of what this node leads, null when it leads nothing
   * @param groupsReady creates the topic of offsets when it is missing; safe to call always
   */
  ForwardingHandler(
      Api api,
      Forwarding forwarding,
      @Nullable RequestRouter local,
      Supplier<CompletionStage<Void>> groupsReady) {
    this.api = api;
    this.forwarding = forwarding;
    this.local = local;
    this.groupsReady = groupsReady;
  }

  @Override
  public ApiKeys api() {
    return api.key();
  }

  @Override
  public void handle(ClientRequest request) {
    var image = forwarding.images().current();
    var own = local == null ? null : local.find(request.api(), request.version());
    if (own != null) {
      var known = request.link().find(ClientForwarding.class);
      if (api.isHere(request, image, known == null ? null : known.link())) {
        own.handle(request);
        return;
      }
    }
    if (api.needsGroups() && GroupHomes.offsets(image) == null) {
      // What waits is sent when the picture shows it, or refused when it does not in time.
      var unused = groupsReady.get();
    }
    var pieces = api.takeApart(request, image);
    var link = ClientForwarding.of(request, forwarding, local).link();
    request.onClosed(link.submit(pieces, request.receivedNs()));
  }
}
