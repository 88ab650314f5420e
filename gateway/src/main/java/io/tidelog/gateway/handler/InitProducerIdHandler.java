package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ProducerIds;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.jspecify.annotations.Nullable;

/**
 * Gives idempotent producers their ids. A transactional producer is refused for good, so that it
 * fails at once instead of retrying.
 */
public final class InitProducerIdHandler implements RequestHandler {

  private static final long NO_ID = -1;
  private static final short NO_EPOCH = -1;

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
      request.respond(refused(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
      return;
    }
    boolean knowsId = body.producerId() != NO_ID;
    boolean knowsEpoch = body.producerEpoch() != NO_EPOCH;
    if (knowsId != knowsEpoch) {
      request.respond(refused(Errors.INVALID_REQUEST));
      return;
    }
    Outcomes.await(
        request,
        ids.next().handle(InitProducerIdHandler::answer),
        answer -> request.respond(answer));
  }

  private static InitProducerIdResponseData answer(@Nullable Long id, @Nullable Throwable fault) {
    return id == null
        ? refused(fault == null ? Errors.UNKNOWN_SERVER_ERROR : error(fault))
        : new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0);
  }

  /** A producer without a transaction has no coordinator to look for anew: it asks us again. */
  private static Errors error(Throwable fault) {
    var error = KafkaErrors.of(fault);
    return error == Errors.COORDINATOR_NOT_AVAILABLE ? Errors.COORDINATOR_LOAD_IN_PROGRESS : error;
  }

  private static InitProducerIdResponseData refused(Errors error) {
    return new InitProducerIdResponseData()
        .setErrorCode(error.code())
        .setProducerId(NO_ID)
        .setProducerEpoch(NO_EPOCH);
  }
}
