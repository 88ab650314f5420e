package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.ArrayList;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** Deletes committed offsets of partitions that exist and that no member subscribes to. */
public final class OffsetDeleteHandler implements RequestHandler {

  private final GroupCoordinators coordinators;
  private final ClusterImages images;

  public OffsetDeleteHandler(GroupCoordinators coordinators, ClusterImages images) {
    this.coordinators = coordinators;
    this.images = images;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.OFFSET_DELETE;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((OffsetDeleteRequest) request.body()).data();
    var response = new OffsetDeleteResponse.Builder();
    var known = new OffsetDeleteRequestTopicCollection();
    var cluster = images.current();
    for (var topic : body.topics()) {
      var image = cluster.topic(topic.name());
      int count = image == null ? 0 : image.partitionCount();
      var kept = new ArrayList<OffsetDeleteRequestPartition>();
      for (var partition : topic.partitions()) {
        int index = partition.partitionIndex();
        if (index >= 0 && index < count) {
          kept.add(partition);
        } else {
          response.addPartition(topic.name(), index, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
      }
      if (!kept.isEmpty()) {
        known.add(new OffsetDeleteRequestTopic().setName(topic.name()).setPartitions(kept));
      }
    }
    var delete = new OffsetDeleteRequestData().setGroupId(body.groupId()).setTopics(known);
    GroupCoordinators.answer(
        request,
        coordinators.ask(
            groups -> groups.deleteOffsets(request.context(), delete, BufferSupplier.NO_CACHING)),
        deleted -> response.merge(deleted).build().data());
  }
}
