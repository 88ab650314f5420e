package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ProducerIds;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.InitProducerIdRequest;

/**
 * Gives idempotent producers their ids. A transactional producer is refused for good, so that it
 * fails at once instead of retrying.
 */
public final class InitProducerIdHandler implements RequestHandler {

  private final ProducerIds ids;

  public InitProducerIdHandler(ProducerIds ids) {
    this.ids = ids;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.INIT_PRODUCER_ID;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((InitProducerIdRequest) request.body()).data();
    if (body.transactionalId() != null) {
      request.respond(
          new InitProducerIdResponseData()
              .setErrorCode(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code())
              .setProducerId(-1)
              .setProducerEpoch((short) -1));
      return;
    }
    ids.next()
        .whenComplete(
            (id, fault) ->
                request
                    .lane()
                    .execute(
                        () -> {
                          if (fault != null) {
                            request.fail(fault);
                          } else {
                            request.respond(
                                new InitProducerIdResponseData()
                                    .setProducerId(id)
                                    .setProducerEpoch((short) 0));
                          }
                        }));
  }
}
