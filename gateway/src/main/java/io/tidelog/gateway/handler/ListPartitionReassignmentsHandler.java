package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.ReplicaAdmin.NamedPartition;
import io.tidelog.metadata.api.ReplicaAdmin.Reassigning;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.jspecify.annotations.Nullable;

/** Tells which partitions are on their way to other nodes; what is not is left out (KIP-455). */
public final class ListPartitionReassignmentsHandler implements RequestHandler {

  private final ReplicaAdmin admin;

  public ListPartitionReassignmentsHandler(ReplicaAdmin admin) {
    this.admin = admin;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = wanted(((ListPartitionReassignmentsRequest) request.body()).data().topics());
    Outcomes.await(
        request,
        admin.reassigning(),
        underWay ->
            request.respond(
                new ListPartitionReassignmentsResponseData()
                    .setErrorMessage(null)
                    .setTopics(
                        topics(
                            underWay.stream()
                                .filter(one -> wanted == null || wanted.contains(one.partition()))
                                .toList()))));
  }

  /** Null for all. */
  private static @Nullable Set<NamedPartition> wanted(
      @Nullable List<ListPartitionReassignmentsTopics> topics) {
    if (topics == null) {
      return null;
    }
    var named = new HashSet<NamedPartition>();
    for (var topic : topics) {
      topic
          .partitionIndexes()
          .forEach(partition -> named.add(new NamedPartition(topic.name(), partition)));
    }
    return named;
  }

  private static List<OngoingTopicReassignment> topics(List<Reassigning> underWay) {
    var byTopic = new LinkedHashMap<String, OngoingTopicReassignment>();
    for (var one : underWay) {
      byTopic
          .computeIfAbsent(
              one.partition().topic(), name -> new OngoingTopicReassignment().setName(name))
          .partitions()
          .add(
              new OngoingPartitionReassignment()
                  .setPartitionIndex(one.partition().partition())
                  .setReplicas(one.replicas())
                  .setAddingReplicas(one.adding())
                  .setRemovingReplicas(one.removing()));
    }
    return List.copyOf(byTopic.values());
  }
}
