package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.api.ClusterImage;
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
  }

  /**
   * @param local handlers of what this node leads, null when it leads nothing
   */
  ForwardingHandler(Api api, Forwarding forwarding, @Nullable RequestRouter local) {
    this.api = api;
    this.forwarding = forwarding;
    this.local = local;
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
    var pieces = api.takeApart(request, image);
    ClientForwarding.of(request, forwarding, local).link().submit(pieces, request.receivedNs());
  }
}
