package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.ReplicaAdmin.NamedPartition;
import io.tidelog.metadata.api.ReplicaAdmin.Outcome;
import io.tidelog.metadata.api.ReplicaAdmin.Reassignment;
import java.util.ArrayList;
import java.util.Iterator;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;

/** Has partitions held by other nodes, or takes that back (KIP-455). */
public final class AlterPartitionReassignmentsHandler implements RequestHandler {

  private final ReplicaAdmin admin;

  public AlterPartitionReassignmentsHandler(ReplicaAdmin admin) {
    this.admin = admin;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((AlterPartitionReassignmentsRequest) request.body()).data();
    var wishes = new ArrayList<Reassignment>();
    for (var topic : body.topics()) {
      for (var partition : topic.partitions()) {
        wishes.add(
            new Reassignment(
                new NamedPartition(topic.name(), partition.partitionIndex()),
                partition.replicas()));
      }
    }
    Outcomes.await(
        request,
        admin.reassign(wishes, !body.allowReplicationFactorChange()),
        outcomes -> request.respond(response(body, outcomes.iterator())));
  }

  /**
   * @param outcomes in the order of the request
   */
  private static AlterPartitionReassignmentsResponseData response(
      AlterPartitionReassignmentsRequestData body, Iterator<Outcome> outcomes) {
    var response =
        new AlterPartitionReassignmentsResponseData()
            .setErrorMessage(null)
            .setAllowReplicationFactorChange(body.allowReplicationFactorChange());
    for (var topic : body.topics()) {
      var answer = new ReassignableTopicResponse().setName(topic.name());
      for (var partition : topic.partitions()) {
        var told =
            new ReassignablePartitionResponse().setPartitionIndex(partition.partitionIndex());
        var fault = outcomes.next().fault();
        answer
            .partitions()
            .add(
                fault == null
                    ? told.setErrorMessage(null)
                    : told.setErrorCode(KafkaErrors.of(fault).code())
                        .setErrorMessage(KafkaErrors.message(fault)));
      }
      response.responses().add(answer);
    }
    return response;
  }
}
