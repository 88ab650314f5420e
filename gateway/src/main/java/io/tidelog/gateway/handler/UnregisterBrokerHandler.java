package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.NodeAdmin;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.UnregisterBrokerRequest;

/** Forgets a node that is stopped and holds nothing (KIP-631). */
public final class UnregisterBrokerHandler implements RequestHandler {

  private final NodeAdmin admin;

  public UnregisterBrokerHandler(NodeAdmin admin) {
    this.admin = admin;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.UNREGISTER_BROKER;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((UnregisterBrokerRequest) request.body()).data();
    var answered =
        admin
            .unregister(body.brokerId())
            .thenApply(done -> new UnregisterBrokerResponseData())
            .exceptionally(
                fault ->
                    new UnregisterBrokerResponseData()
                        .setErrorCode(KafkaErrors.of(fault).code())
                        .setErrorMessage(KafkaErrors.message(fault)));
    Outcomes.await(request, answered, request::respond);
  }
}
