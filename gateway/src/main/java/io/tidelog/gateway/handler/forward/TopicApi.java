package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Requests about partitions, taken apart by who leads them; order is no matter. */
record TopicApi<Q, A>(ApiKeys key, TopicPieces.Shape<Q, A> shape) implements ForwardingHandler.Api {

  @Override
  public boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link) {
    for (var group : shape.asked(request)) {
      var topic = image.topic(group.topic());
      if (topic == null) {
        continue; // refused here as anywhere
      }
      for (var asked : group.partitions()) {
        int index = shape.index(asked);
        if (index >= 0 && index < topic.partitionCount() && !Route.isHere(image, topic, index)) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public ApiPieces takeApart(ClientRequest request, ClusterImage image) {
    return new TopicPieces<>(request, image, shape);
  }
}
