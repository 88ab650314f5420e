package io.tidelog.gateway.handler;

import io.tidelog.core.log.LogReader;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionPlace;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.protocol.Errors;

/** A topic's partitions as Metadata and DescribeTopicPartitions show them. */
final class TopicPictures {

  /** All operations a client could be authorised for; nobody is refused yet. */
  static final int ALL_TOPIC_OPERATIONS = 0b0000_1101_1111_1000;

  private final LogReader reader;

  TopicPictures(LogReader reader) {
    this.reader = reader;
  }

  List<MetadataResponsePartition> metadata(ClusterImage cluster, TopicImage topic) {
    var partitions = new ArrayList<MetadataResponsePartition>(topic.partitionCount());
    for (var run : topic.homes().runs()) {
      // Neighbours share a log, and with it all there is to tell but their number.
      var place = cluster.place(topic, partitions.size());
      int leader = shownLeader(cluster, place);
      for (int end = partitions.size() + run.count(); partitions.size() < end; ) {
        int index = partitions.size();
        partitions.add(
            new MetadataResponsePartition()
                .setErrorCode(errorOf(leader).code())
                .setPartitionIndex(index)
                .setLeaderId(leader)
                .setLeaderEpoch(leaderEpoch(cluster, topic, index))
                .setReplicaNodes(place.replicas())
                .setIsrNodes(place.inSync())
                .setOfflineReplicas(place.offline()));
      }
    }
    return partitions;
  }

  DescribeTopicPartitionsResponsePartition described(
      ClusterImage cluster, TopicImage topic, int index) {
    var place = cluster.place(topic, index);
    int leader = shownLeader(cluster, place);
    return new DescribeTopicPartitionsResponsePartition()
        .setErrorCode(errorOf(leader).code())
        .setPartitionIndex(index)
        .setLeaderId(leader)
        .setLeaderEpoch(leaderEpoch(cluster, topic, index))
        .setReplicaNodes(place.replicas())
        .setIsrNodes(place.inSync())
        .setEligibleLeaderReplicas(place.electable())
        .setLastKnownElr(List.of())
        .setOfflineReplicas(place.offline());
  }

  private static int shownLeader(ClusterImage cluster, PartitionPlace place) {
    return cluster.node(place.leader()) == null ? LogRecord.NO_LEADER : place.leader();
  }

  private static Errors errorOf(int leader) {
    return leader == LogRecord.NO_LEADER ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE;
  }

  private int leaderEpoch(ClusterImage cluster, TopicImage topic, int index) {
    var snapshot = reader.snapshot(topic.partition(index));
    if (snapshot != null) {
      return snapshot.leaderEpoch();
    }
    var log = cluster.log(topic.homes().home(index));
    return log == null ? -1 : Math.toIntExact(topic.homes().baseEpoch(index) + log.term());
  }
}
