package io.tidelog.metadata.store.etcd;

import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * What a failure of jetcd, gRPC or etcd means to us, by status code; pure. Calls of the key space
 * fail with gRPC's exceptions, leases and watches with jetcd's.
 */
final class EtcdFaults {

  private EtcdFaults() {}

  /** Of a call that changes nothing: what is unknown may be asked again. */
  static Fault ofRead(Throwable failure) {
    return of(failure, false);
  }

  /** Of a call that changes something: what is unknown may have been done. */
  static Fault ofWrite(Throwable failure) {
    return of(failure, true);
  }

  /** The status code of a failure, {@code UNKNOWN} when it has none. */
  static Status.Code code(Throwable failure) {
    return status(failure).getCode();
  }

  /** What a failure says, in one line. */
  static String text(Throwable failure) {
    var status = status(failure);
    var description = status.getDescription();
    return description == null ? status.getCode() + ": " + failure : description;
  }

  private static Fault of(Throwable failure, boolean write) {
    if (failure instanceof Fault fault) {
      return fault;
    }
    if (cause(failure, RejectedExecutionException.class) != null) {
      return new Fault.Retriable("the connection to etcd is closed", failure);
    }
    if (cause(failure, SSLHandshakeException.class) instanceof SSLHandshakeException handshake) {
      return wrongConfig("TLS with etcd failed: " + handshake.getMessage());
    }
    var status = status(failure);
    var text = text(failure);
    return switch (status.getCode()) {
      case NOT_FOUND -> new Fault.Fenced("etcd: " + text);
      case OUT_OF_RANGE -> new Fault.Refused(Refusal.OFFSET_OUT_OF_RANGE, "etcd: " + text);
      case UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT, FAILED_PRECONDITION ->
          ofRefused(status.getCode(), text);
      case RESOURCE_EXHAUSTED -> ofExhausted(text, failure);
      case UNIMPLEMENTED -> new Fault.Refused(Refusal.UNSUPPORTED_VERSION, "etcd: " + text);
      case DATA_LOSS -> new Fault.Broken("etcd reports damaged data: " + text, failure);
      default ->
          write
              ? new Fault.Uncertain("etcd may have carried out the call: " + text, failure)
              : new Fault.Retriable("etcd does not answer: " + text, failure);
    };
  }

  /** A request that etcd looked at and did not carry out. */
  private static Fault ofRefused(Status.Code code, String text) {
    if (text.contains("invalid auth token") || text.contains("revision of auth store is old")) {
      return new Fault.Retriable("etcd wants this node to log in again: " + text);
    }
    if (text.contains("authentication is not enabled")) {
      return wrongConfig(
          "etcd has authentication disabled, and "
              + EtcdSettings.USERNAME.name()
              + " is set: "
              + text);
    }
    boolean login =
        code == Status.Code.UNAUTHENTICATED
            || code == Status.Code.PERMISSION_DENIED
            || text.contains("authentication failed")
            || text.contains("user name");
    if (login) {
      return wrongConfig(
          "etcd refuses this node's user; check "
              + EtcdSettings.USERNAME.name()
              + ", "
              + EtcdSettings.PASSWORD.name()
              + " and the rights below "
              + EtcdSettings.PREFIX.name()
              + ": "
              + text);
    }
    return new Fault.Refused(Refusal.INVALID_REQUEST, "etcd: " + text);
  }

  /** Full for now, or an answer that will never fit. */
  private static Fault ofExhausted(String text, Throwable failure) {
    if (text.contains("gRPC message exceeds maximum size")) {
      return new Fault.Refused(
          Refusal.INVALID_REQUEST,
          "etcd's answer is too large; raise "
              + EtcdSettings.RESPONSE_MAX_BYTES.name()
              + ": "
              + text);
    }
    if (text.contains("database space exceeded")) {
      return new Fault.Retriable(
          "etcd's database is full and takes no writes: compact it, defragment it, disarm its"
              + " alarm, or raise its quota: "
              + text,
          failure);
    }
    return new Fault.Retriable("etcd has too much to do: " + text, failure);
  }

  private static Fault wrongConfig(String message) {
    return new Fault.Refused(Refusal.INVALID_CONFIG, message);
  }

  private static Status status(Throwable failure) {
    if (cause(failure, TimeoutException.class) != null) {
      return Status.DEADLINE_EXCEEDED.withDescription("no answer in time");
    }
    if (cause(failure, EtcdException.class) instanceof EtcdException etcd) {
      return Status.Code.valueOf(etcd.getErrorCode().name())
          .toStatus()
          .withDescription(etcd.getMessage());
    }
    var status = grpcStatus(failure);
    if (status == null) {
      return Status.UNKNOWN.withDescription(failure.toString());
    }
    // A failed login is told as such whatever its reason; the reason is what counts.
    if (status.getCode() == Status.Code.UNAUTHENTICATED && status.getCause() != null) {
      var reason = grpcStatus(status.getCause());
      return reason == null ? status : reason;
    }
    return status;
  }

  private static @Nullable Status grpcStatus(Throwable failure) {
    if (cause(failure, StatusRuntimeException.class) instanceof StatusRuntimeException e) {
      return e.getStatus();
    }
    return cause(failure, StatusException.class) instanceof StatusException e
        ? e.getStatus()
        : null;
  }

  private static <T extends Throwable> @Nullable Throwable cause(
      Throwable failure, Class<T> wanted) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (wanted.isInstance(at)) {
        return at;
      }
    }
    return null;
  }
}
