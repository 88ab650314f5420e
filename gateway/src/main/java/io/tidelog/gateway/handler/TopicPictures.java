package io.tidelog.gateway.handler;

import io.tidelog.core.log.LogReader;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;

/** A topic's partitions as Metadata and DescribeTopicPartitions show them. */
final class TopicPictures {

  /** All operations a client could be authorised for; nobody is refused yet. */
  static final int ALL_TOPIC_OPERATIONS = 0b0000_1101_1111_1000;

  private final LogReader reader;

  TopicPictures(LogReader reader) {
    this.reader = reader;
  }

  List<MetadataResponsePartition> metadata(ClusterImage cluster, TopicImage topic) {
    var replicas = List.of(cluster.controllerId());
    var partitions = new ArrayList<MetadataResponsePartition>(topic.partitionCount());
    for (int index = 0; index < topic.partitionCount(); index++) {
      partitions.add(
          new MetadataResponsePartition()
              .setPartitionIndex(index)
              .setLeaderId(cluster.controllerId())
              .setLeaderEpoch(leaderEpoch(topic, index))
              .setReplicaNodes(replicas)
              .setIsrNodes(replicas));
    }
    return partitions;
  }

  DescribeTopicPartitionsResponsePartition described(
      ClusterImage cluster, TopicImage topic, int index) {
    var replicas = List.of(cluster.controllerId());
    return new DescribeTopicPartitionsResponsePartition()
        .setPartitionIndex(index)
        .setLeaderId(cluster.controllerId())
        .setLeaderEpoch(leaderEpoch(topic, index))
        .setReplicaNodes(replicas)
        .setIsrNodes(replicas)
        .setEligibleLeaderReplicas(List.of())
        .setLastKnownElr(List.of());
  }

  private int leaderEpoch(TopicImage topic, int index) {
    var snapshot = reader.snapshot(topic.partition(index));
    return snapshot == null ? -1 : snapshot.leaderEpoch();
  }
}
