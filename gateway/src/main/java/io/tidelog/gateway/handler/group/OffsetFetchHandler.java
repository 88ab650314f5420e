package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads committed offsets of several groups at once, each answered or refused on its own. Versions
 * before 10 name a topic, later ones give its id; the coordinator is told both.
 */
public final class OffsetFetchHandler implements RequestHandler {

  private final GroupCoordinators coordinators;
  private final ClusterImages images;

  public OffsetFetchHandler(GroupCoordinators coordinators, ClusterImages images) {
    this.coordinators = coordinators;
    this.images = images;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.OFFSET_FETCH;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = (OffsetFetchRequest) request.body();
    short version = request.version();
    var cluster = images.current();
    var answers = new ArrayList<CompletableFuture<OffsetFetchResponseGroup>>();
    var toldWhole = new HashSet<String>();
    for (var group : body.groups()) {
      if (group.topics() == null && !toldWhole.add(group.groupId())) {
        continue; // all of a group's offsets told often would make an answer without measure
      }
      var answer =
          group.topics() == null
              ? fetchAll(request.context(), group, body.requireStable(), version, cluster)
              : fetchSome(request.context(), group, body.requireStable(), version, cluster);
      answers.add(
          answer
              .exceptionally(
                  fault -> OffsetFetchResponse.groupError(group, KafkaErrors.of(fault), version))
              .toCompletableFuture());
    }
    GroupCoordinators.answer(
        request,
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)),
        done ->
            new OffsetFetchResponse.Builder(
                    answers.stream().map(CompletableFuture::resultNow).toList())
                .build(version)
                .data());
  }

  private CompletionStage<OffsetFetchResponseGroup> fetchAll(
      RequestContext context,
      OffsetFetchRequestGroup group,
      boolean requireStable,
      short version,
      ClusterImage cluster) {
    return ask(context, group, requireStable)
        .thenApply(
            answer ->
                OffsetFetchRequest.useTopicIds(version) ? withTopicIds(answer, cluster) : answer);
  }

  /** Offsets committed under a name get the id of today's topic; without one they are left out. */
  private static OffsetFetchResponseGroup withTopicIds(
      OffsetFetchResponseGroup answer, ClusterImage cluster) {
    var topics = new ArrayList<OffsetFetchResponseTopics>(answer.topics().size());
    for (var topic : answer.topics()) {
      var image = cluster.topic(topic.name());
      if (topic.topicId().equals(Uuid.ZERO_UUID) && image != null) {
        topic.setTopicId(KafkaIds.kafka(image.id()));
      }
      if (!topic.topicId().equals(Uuid.ZERO_UUID)) {
        topics.add(topic);
      }
    }
    return answer.setTopics(topics);
  }

  private CompletionStage<OffsetFetchResponseGroup> fetchSome(
      RequestContext context,
      OffsetFetchRequestGroup group,
      boolean requireStable,
      short version,
      ClusterImage cluster) {
    boolean byId = OffsetFetchRequest.useTopicIds(version);
    var wanted = new ArrayList<OffsetFetchRequestTopics>();
    var unknown = new ArrayList<OffsetFetchResponseTopics>();
    for (var topic : group.topics()) {
      var image = find(cluster, topic, byId);
      if (image != null) {
        wanted.add(topic.setTopicId(KafkaIds.kafka(image.id())).setName(image.name()));
      } else if (byId) {
        unknown.add(unknownTopic(topic));
      } else {
        wanted.add(topic);
      }
    }
    var known =
        new OffsetFetchRequestGroup()
            .setGroupId(group.groupId())
            .setMemberId(group.memberId())
            .setMemberEpoch(group.memberEpoch())
            .setTopics(wanted);
    return ask(context, known, requireStable).thenApply(answer -> joined(answer, unknown));
  }

  private CompletionStage<OffsetFetchResponseGroup> ask(
      RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
    return coordinators
        .ask(groups -> groups.fetchOffsets(context, group, requireStable))
        .thenApply(
            answer -> {
              if (answer.errorCode() == Errors.NONE.code()
                  && !coordinators.mayTell(group.groupId())) {
                throw Errors.NOT_COORDINATOR.exception();
              }
              return answer;
            });
  }

  private static @Nullable TopicImage find(
      ClusterImage cluster, OffsetFetchRequestTopics topic, boolean byId) {
    return byId ? cluster.topic(KafkaIds.ours(topic.topicId())) : cluster.topic(topic.name());
  }

  private static OffsetFetchResponseGroup joined(
      OffsetFetchResponseGroup answer, List<OffsetFetchResponseTopics> unknown) {
    if (answer.errorCode() != Errors.NONE.code() || unknown.isEmpty()) {
      return answer;
    }
    var topics = new ArrayList<>(answer.topics());
    topics.addAll(unknown);
    return answer.setTopics(topics);
  }

  private static OffsetFetchResponseTopics unknownTopic(OffsetFetchRequestTopics topic) {
    return new OffsetFetchResponseTopics()
        .setTopicId(topic.topicId())
        .setName(topic.name())
        .setPartitions(
            topic.partitionIndexes().stream()
                .map(
                    index ->
                        new OffsetFetchResponsePartitions()
                            .setPartitionIndex(index)
                            .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code())
                            .setCommittedOffset(OffsetFetchResponse.INVALID_OFFSET)
                            .setCommittedLeaderEpoch(-1)
                            .setMetadata(OffsetFetchResponse.NO_METADATA))
                .toList());
  }
}
