package io.tidelog.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KafkaErrorsTest {

  @ParameterizedTest
  @EnumSource
  void everyRefusalIsAProtocolErrorOfTheSameName(Refusal refusal) {
    assertThat(KafkaErrors.of(refusal).name()).isEqualTo(refusal.name());
  }

  @Test
  void aRefusalKeepsItsMessageThroughAFuture() {
    var fault =
        new CompletionException(new Fault.Refused(Refusal.INVALID_PARTITIONS, "0 partitions"));

    assertThat(KafkaErrors.of(fault)).isEqualTo(Errors.INVALID_PARTITIONS);
    assertThat(KafkaErrors.exception(fault)).hasMessage("0 partitions");
  }

  @Test
  void whatMayHaveHappenedIsToldAsATimeOut() {
    assertThat(KafkaErrors.of(new Fault.Uncertain("lost", null)))
        .isEqualTo(Errors.REQUEST_TIMED_OUT);
  }

  @Test
  void aMessageFitsIntoAnAnswerHoweverLongTheNameItRepeats() {
    var fault = new Fault.Refused(Refusal.INVALID_REQUEST, "no " + "x".repeat(Short.MAX_VALUE));

    assertThat(KafkaErrors.message(fault)).startsWith("no xxx").hasSizeLessThan(2_000);
    assertThat(KafkaErrors.exception(fault).getMessage()).hasSizeLessThan(2_000);
    var known = Errors.INVALID_REQUEST.exception("x".repeat(Short.MAX_VALUE));
    assertThat(KafkaErrors.exception(known).getMessage()).hasSizeLessThan(2_000);
  }

  @Test
  void anUnknownFaultTellsAClientNothingAboutOurInside() {
    var message = KafkaErrors.message(new IllegalStateException("/var/lib/secret"));

    assertThat(message).isEqualTo(Errors.UNKNOWN_SERVER_ERROR.message());
  }
}
