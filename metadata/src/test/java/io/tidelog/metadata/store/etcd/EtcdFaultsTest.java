package io.tidelog.metadata.store.etcd;

import static io.tidelog.core.Refusal.INVALID_CONFIG;
import static io.tidelog.core.Refusal.INVALID_REQUEST;
import static io.tidelog.core.Refusal.OFFSET_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.grpc.Status;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The texts are etcd 3.4's own. */
class EtcdFaultsTest {

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "ABORTED", "UNKNOWN", "INTERNAL"})
  void anUnknownOutcomeIsUncertainForAWriteAndRetriableForARead(Status.Code code) {
    var failure = failed(code.toStatus().withDescription("etcdserver: request timed out"));
    assertThat(EtcdFaults.ofWrite(failure)).isInstanceOf(Fault.Uncertain.class);
    assertThat(EtcdFaults.ofRead(failure)).isInstanceOf(Fault.Retriable.class);
  }

  @Test
  void anAnswerThatNeverCameIsUnknownToo() {
    var failure = new CompletionException(new TimeoutException());
    assertThat(EtcdFaults.ofWrite(failure)).isInstanceOf(Fault.Uncertain.class);
    assertThat(EtcdFaults.ofRead(failure)).isInstanceOf(Fault.Retriable.class);
  }

  @Test
  void aFullDatabaseIsRetriableAndSaysWhatToDo() {
    var fault =
        EtcdFaults.ofWrite(
            failed(Status.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"));
    assertThat(fault)
        .isInstanceOf(Fault.Retriable.class)
        .hasMessageContaining("compact")
        .hasMessageContaining("quota");
    assertThat(
            EtcdFaults.ofWrite(failed(Status.RESOURCE_EXHAUSTED, "etcdserver: too many requests")))
        .isInstanceOf(Fault.Retriable.class);
  }

  @Test
  void anAnswerThatNeverFitsIsRefusedAndNamesTheSetting() {
    var failure =
        failed(Status.RESOURCE_EXHAUSTED, "gRPC message exceeds maximum size 4194304: 5000000");
    assertRefused(EtcdFaults.ofRead(failure), INVALID_REQUEST, "tidelog.etcd.response.max.bytes");
  }

  @Test
  void aLeaseThatIsGoneFences() {
    assertThat(
            EtcdFaults.ofWrite(failed(Status.NOT_FOUND, "etcdserver: requested lease not found")))
        .isInstanceOf(Fault.Fenced.class);
    var jetcds =
        EtcdExceptionFactory.newEtcdException(
            ErrorCode.NOT_FOUND, "etcdserver: requested lease not found");
    assertThat(EtcdFaults.ofWrite(jetcds)).isInstanceOf(Fault.Fenced.class);
  }

  @Test
  void aRevisionOutOfRangeIsRefused() {
    var failure =
        failed(Status.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
    assertRefused(EtcdFaults.ofRead(failure), OFFSET_OUT_OF_RANGE, "compacted");
  }

  @Test
  void aUserThatEtcdRefusesIsAWrongConfiguration() {
    assertRefused(
        EtcdFaults.ofWrite(failed(Status.PERMISSION_DENIED, "etcdserver: permission denied")),
        INVALID_CONFIG,
        "tidelog.etcd.username");
    assertRefused(
        EtcdFaults.ofRead(failed(Status.INVALID_ARGUMENT, "etcdserver: user name is empty")),
        INVALID_CONFIG,
        "tidelog.etcd.username");
    var login =
        Status.INVALID_ARGUMENT
            .withDescription("etcdserver: authentication failed, invalid user ID or password")
            .asRuntimeException();
    assertRefused(
        EtcdFaults.ofWrite(failed(Status.UNAUTHENTICATED.withCause(login))),
        INVALID_CONFIG,
        "tidelog.etcd.password");
  }

  @Test
  void aLoginThatFoundNoEtcdSaysNothingAboutTheUser() {
    var down = Status.UNAVAILABLE.withDescription("io exception").asRuntimeException();
    assertThat(EtcdFaults.ofRead(failed(Status.UNAUTHENTICATED.withCause(down))))
        .isInstanceOf(Fault.Retriable.class);
  }

  @Test
  void anOldTokenIsRetriableSinceNothingHappened() {
    assertThat(EtcdFaults.ofWrite(failed(Status.UNAUTHENTICATED, "etcdserver: invalid auth token")))
        .isInstanceOf(Fault.Retriable.class);
  }

  @Test
  void aHandshakeThatFailsIsAWrongConfiguration() {
    var handshake = new SSLHandshakeException("unable to find valid certification path");
    assertRefused(
        EtcdFaults.ofWrite(failed(Status.UNAVAILABLE.withCause(handshake))), INVALID_CONFIG, "TLS");
  }

  @Test
  void aRequestThatEtcdFindsWrongIsRefused() {
    assertRefused(
        EtcdFaults.ofWrite(failed(Status.INVALID_ARGUMENT, "etcdserver: request is too large")),
        INVALID_REQUEST,
        "too large");
  }

  @Test
  void aClosedClientIsRetriableSinceNothingWasSent() {
    assertThat(EtcdFaults.ofWrite(new RejectedExecutionException()))
        .isInstanceOf(Fault.Retriable.class);
  }

  @Test
  void damageIsBroken() {
    assertThat(EtcdFaults.ofRead(failed(Status.DATA_LOSS, "etcdserver: corrupt cluster")))
        .isInstanceOf(Fault.Broken.class);
  }

  private static Throwable failed(Status status, String text) {
    return failed(status.withDescription(text));
  }

  private static Throwable failed(Status status) {
    return new CompletionException(status.asRuntimeException());
  }

  private static void assertRefused(Fault fault, Refusal refusal, String text) {
    assertThat(fault)
        .isInstanceOfSatisfying(
            Fault.Refused.class, refused -> assertThat(refused.refusal()).isEqualTo(refusal));
    assertThat(fault).hasMessageContaining(text);
  }
}
