package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Commits offsets of partitions that exist; the others are refused one by one. Versions before 10
 * name a topic, later ones give its id; the coordinator is told both.
 */
public final class OffsetCommitHandler implements RequestHandler {

  private final GroupCoordinators coordinators;
  private final ClusterImages images;

  public OffsetCommitHandler(GroupCoordinators coordinators, ClusterImages images) {
    this.coordinators = coordinators;
    this.images = images;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.OFFSET_COMMIT;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((OffsetCommitRequest) request.body()).data();
    boolean byId = OffsetCommitResponse.useTopicIds(request.version());
    var response = OffsetCommitResponse.newBuilder(byId);
    var known = knownTopics(body.topics(), byId, response);
    if (known.isEmpty()) {
      request.respond(response.build().data());
      return;
    }
    var commit =
        new OffsetCommitRequestData()
            .setGroupId(body.groupId())
            .setMemberId(body.memberId())
            .setGenerationIdOrMemberEpoch(body.generationIdOrMemberEpoch())
            .setGroupInstanceId(body.groupInstanceId())
            .setRetentionTimeMs(body.retentionTimeMs())
            .setTopics(known);
    GroupCoordinators.answer(
        request,
        coordinators.ask(
            groups -> groups.commitOffsets(request.context(), commit, BufferSupplier.NO_CACHING)),
        committed -> response.merge(committed).build().data());
  }

  private List<OffsetCommitRequestTopic> knownTopics(
      List<OffsetCommitRequestTopic> topics, boolean byId, OffsetCommitResponse.Builder response) {
    var cluster = images.current();
    var known = new ArrayList<OffsetCommitRequestTopic>(topics.size());
    for (var topic : topics) {
      var image = find(cluster, topic, byId);
      if (image == null) {
        response.addPartitions(
            topic.topicId(),
            topic.name(),
            topic.partitions(),
            OffsetCommitRequestPartition::partitionIndex,
            byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
        continue;
      }
      var kept = knownPartitions(topic, image, response);
      if (!kept.isEmpty()) {
        known.add(
            new OffsetCommitRequestTopic()
                .setTopicId(KafkaIds.kafka(image.id()))
                .setName(image.name())
                .setPartitions(kept));
      }
    }
    return known;
  }

  private static @Nullable TopicImage find(
      ClusterImage cluster, OffsetCommitRequestTopic topic, boolean byId) {
    return byId ? cluster.topic(KafkaIds.ours(topic.topicId())) : cluster.topic(topic.name());
  }

  private static List<OffsetCommitRequestPartition> knownPartitions(
      OffsetCommitRequestTopic topic, TopicImage image, OffsetCommitResponse.Builder response) {
    var kept = new ArrayList<OffsetCommitRequestPartition>(topic.partitions().size());
    for (var partition : topic.partitions()) {
      int index = partition.partitionIndex();
      if (index >= 0 && index < image.partitionCount()) {
        kept.add(partition);
      } else {
        response.addPartition(
            KafkaIds.kafka(image.id()), image.name(), index, Errors.UNKNOWN_TOPIC_OR_PARTITION);
      }
    }
    return kept;
  }
}
