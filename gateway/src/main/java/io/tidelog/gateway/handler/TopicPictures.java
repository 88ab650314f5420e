package io.tidelog.gateway.handler;

import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionPlace;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataResponse;
import org.jspecify.annotations.Nullable;

/**
 * A topic's partitions as clients are shown them. Metadata tells where to go,
 * DescribeTopicPartitions also what is: see {@code docs/decisions/0016-forwarding.md}.
 */
final class TopicPictures {

  /** All operations a client could be authorised for; nobody is refused yet. */
  static final int ALL_TOPIC_OPERATIONS = 0b0000_1101_1111_1000;

  private final @Nullable LogReader reader;
  private final ClientZones zones;

  /**
   * @param reader of what this node leads, null when it leads nothing
   */
  TopicPictures(@Nullable LogReader reader, ClientZones zones) {
    this.reader = reader;
    this.zones = zones;
  }

  /** What the sender of a request is told of who leads. */
  ShownLeaders seenBy(ClientRequest request, ClusterImage cluster) {
    return ShownLeaders.of(cluster, ClientRack.zoneOf(request, zones));
  }

  List<MetadataResponsePartition> metadata(
      ClusterImage cluster, TopicImage topic, ShownLeaders shown) {
    var partitions = new ArrayList<MetadataResponsePartition>(topic.partitionCount());
    int end = 0;
    var runs = topic.homes().runs().iterator();
    PartitionPlace place = null;
    boolean moves = false;
    for (int index = 0; index < topic.partitionCount(); index++) {
      boolean moved = moves;
      moves = topic.homes().move(index) != null;
      if (index == end) {
        end += runs.next().count();
        place = null;
      }
      if (place == null || moves || moved) { // neighbours with one home are in one place
        place = cluster.place(topic, index);
      }
      partitions.add(
          new MetadataResponsePartition()
              .setPartitionIndex(index)
              .setErrorCode(Errors.NONE.code())
              .setLeaderId(shown.leader(topic, index))
              .setLeaderEpoch(leaderEpoch(topic, index, shown))
              .setReplicaNodes(place.replicas())
              .setIsrNodes(place.inSync())
              .setOfflineReplicas(place.offline()));
    }
    return partitions;
  }

  DescribeTopicPartitionsResponsePartition described(
      ClusterImage cluster, TopicImage topic, int index, ShownLeaders shown) {
    var place = cluster.place(topic, index);
    boolean led = place.leader() != LogRecord.NO_LEADER;
    return new DescribeTopicPartitionsResponsePartition()
        .setPartitionIndex(index)
        .setErrorCode(led ? Errors.NONE.code() : Errors.LEADER_NOT_AVAILABLE.code())
        .setLeaderId(led ? shown.leader(topic, index) : MetadataResponse.NO_LEADER_ID)
        .setLeaderEpoch(leaderEpoch(topic, index, shown))
        .setReplicaNodes(place.replicas())
        .setIsrNodes(place.inSync())
        .setOfflineReplicas(place.offline())
        .setEligibleLeaderReplicas(place.electable())
        .setLastKnownElr(List.of());
  }

  private int leaderEpoch(TopicImage topic, int index, ShownLeaders shown) {
    var here = reader == null ? null : reader.snapshot(topic.partition(index));
    return here == null ? shown.leaderEpoch(topic, index) : here.leaderEpoch();
  }
}
