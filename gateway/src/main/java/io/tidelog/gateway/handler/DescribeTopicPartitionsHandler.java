package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.jspecify.annotations.Nullable;

/** Describes partitions page by page, topics in the order of their names (KIP-966). */
public final class DescribeTopicPartitionsHandler implements RequestHandler {

  /** {@code max.request.partition.size.limit}. */
  private static final int MAX_PARTITIONS = 2_000;

  private final ClusterImages images;
  private final TopicPictures pictures;

  public DescribeTopicPartitionsHandler(ClusterImages images, LogReader reader) {
    this(images, reader, ClientZones.UNSET);
  }

  /**
   * @param reader of what this node leads, null when it leads nothing
   */
  public DescribeTopicPartitionsHandler(
      ClusterImages images, @Nullable LogReader reader, ClientZones zones) {
    this.images = images;
    this.pictures = new TopicPictures(reader, zones);
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((DescribeTopicPartitionsRequest) request.body()).data();
    var cursor = body.cursor();
    var response = new DescribeTopicPartitionsResponseData();
    if (cursor != null && cursor.partitionIndex() < 0) {
      request.fail(
          new Fault.Refused(
              Refusal.INVALID_REQUEST,
              "DescribeTopicPartitionsRequest cursor partition must be valid: " + cursor));
      return;
    }
    var shown = pictures.seenBy(request, images.current());
    int left = Math.clamp(body.responsePartitionLimit(), 1, MAX_PARTITIONS);
    for (var name : namesFrom(body)) {
      if (left == 0) {
        response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
        break;
      }
      int first = cursor != null && cursor.topicName().equals(name) ? cursor.partitionIndex() : 0;
      left -= describe(name, new Page(first, left, shown), response);
      if (response.nextCursor() != null) {
        break;
      }
    }
    request.respond(response);
  }

  private List<String> namesFrom(DescribeTopicPartitionsRequestData body) {
    var names =
        body.topics().isEmpty()
            ? images.current().topics().stream().map(topic -> topic.name())
            : body.topics().stream().map(TopicRequest::name);
    var cursor = body.cursor();
    return names
        .distinct()
        .sorted()
        .filter(name -> cursor == null || name.compareTo(cursor.topicName()) >= 0)
        .toList();
  }

  private int describe(String name, Page page, DescribeTopicPartitionsResponseData response) {
    var cluster = images.current();
    var topic = cluster.topic(name);
    if (topic == null) {
      response
          .topics()
          .add(
              new DescribeTopicPartitionsResponseTopic()
                  .setName(name)
                  .setErrorCode(MetadataHandler.errorOfMissing(name).code()));
      return 0;
    }
    int end = (int) Math.min(topic.partitionCount(), (long) page.first + page.limit);
    var partitions =
        new ArrayList<
            DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition>();
    for (int index = page.first; index < end; index++) {
      partitions.add(pictures.described(cluster, topic, index, page.shown));
    }
    response
        .topics()
        .add(
            new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setTopicId(KafkaIds.kafka(topic.id()))
                .setIsInternal(topic.internal())
                .setTopicAuthorizedOperations(TopicPictures.ALL_TOPIC_OPERATIONS)
                .setPartitions(partitions));
    if (end < topic.partitionCount()) {
      response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(end));
    }
    return partitions.size();
  }

  /** The partitions of a topic to be described. */
  private record Page(int first, int limit, ShownLeaders shown) {}
}
