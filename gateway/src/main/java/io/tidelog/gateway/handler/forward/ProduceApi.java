package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.TopicImage;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ProduceRequest;
import org.jspecify.annotations.Nullable;

/** Produce: by partition, in the order of the client's requests. */
final class ProduceApi implements ForwardingHandler.Api {

  private static final int TOPIC_IDS_SINCE = 13;

  @Override
  public ApiKeys key() {
    return ApiKeys.PRODUCE;
  }

  @Override
  public boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link) {
    var busy = link == null || link.isIdle() ? null : link;
    for (var topic : ((ProduceRequest) request.body()).data().topicData()) {
      var known = find(topic, request.version(), image);
      if (known == null) {
        continue; // refused here as anywhere
      }
      for (var partition : topic.partitionData()) {
        int index = partition.index();
        if (index >= 0
            && index < known.partitionCount()
            && (!Route.isHere(image, known, index)
                || (busy != null && busy.isBusy(known.partition(index))))) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public ApiPieces takeApart(ClientRequest request, ClusterImage image) {
    return new ProducePieces(request, image);
  }

  static @Nullable TopicImage find(TopicProduceData topic, short version, ClusterImage image) {
    return version >= TOPIC_IDS_SINCE
        ? image.topic(KafkaIds.ours(topic.topicId()))
        : image.topic(topic.name());
  }

  static boolean isById(short version) {
    return version >= TOPIC_IDS_SINCE;
  }
}
