package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.ReplicaAdmin.Election;
import io.tidelog.metadata.api.ReplicaAdmin.NamedPartition;
import io.tidelog.metadata.api.ReplicaAdmin.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.jspecify.annotations.Nullable;

/**
 * Hands the lead of partitions to their preferred replicas (KIP-183, KIP-460). Partitions of one
 * segment log have one leader, so all of them go with the one that is named.
 */
public final class ElectLeadersHandler implements RequestHandler {

  private final ReplicaAdmin admin;

  public ElectLeadersHandler(ReplicaAdmin admin) {
    this.admin = admin;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.ELECT_LEADERS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((ElectLeadersRequest) request.body()).data();
    Outcomes.await(
        request,
        admin.elect(election(body.electionType()), partitions(body.topicPartitions())),
        outcomes ->
            request.respond(
                new ElectLeadersResponseData().setReplicaElectionResults(results(outcomes))));
  }

  private static Election election(byte type) {
    return switch (type) {
      case 0 -> Election.PREFERRED;
      case 1 -> Election.UNCLEAN;
      default -> throw new Fault.Refused(Refusal.INVALID_REQUEST, "Unknown election type " + type);
    };
  }

  private static @Nullable List<NamedPartition> partitions(
      @Nullable Iterable<TopicPartitions> topics) {
    if (topics == null) {
      return null;
    }
    var named = new ArrayList<NamedPartition>();
    for (var topic : topics) {
      topic
          .partitions()
          .forEach(partition -> named.add(new NamedPartition(topic.topic(), partition)));
    }
    return named;
  }

  private static List<ReplicaElectionResult> results(List<Outcome> outcomes) {
    var byTopic = new LinkedHashMap<String, ReplicaElectionResult>();
    for (var outcome : outcomes) {
      var fault = outcome.fault();
      var result = new PartitionResult().setPartitionId(outcome.partition().partition());
      if (fault != null) {
        result.setErrorCode(KafkaErrors.of(fault).code());
        result.setErrorMessage(KafkaErrors.message(fault));
      }
      byTopic
          .computeIfAbsent(
              outcome.partition().topic(), name -> new ReplicaElectionResult().setTopic(name))
          .partitionResult()
          .add(result);
    }
    return List.copyOf(byTopic.values());
  }
}
