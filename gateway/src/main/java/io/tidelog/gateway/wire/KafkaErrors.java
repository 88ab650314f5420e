package io.tidelog.gateway.wire;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Tells faults in the protocol's words. */
public final class KafkaErrors {

  private static final int MAX_MESSAGE_CHARS = 300;

  private KafkaErrors() {}

  /** The protocol error of the same name. */
  public static Errors of(Refusal refusal) {
    return Errors.valueOf(refusal.name());
  }

  /**
   * The protocol error that makes a client do what the fault says: a retriable one for what may
   * succeed later, and for what may have happened.
   */
  public static Errors of(Throwable fault) {
    return switch (unwrap(fault)) {
      case Fault.Refused refused -> of(refused.refusal());
      case Fault.Retriable _ -> Errors.COORDINATOR_NOT_AVAILABLE;
      case Fault.Uncertain _ -> Errors.REQUEST_TIMED_OUT;
      case Fault.Fenced _ -> Errors.NOT_LEADER_OR_FOLLOWER;
      case Fault.Broken _ -> Errors.UNKNOWN_SERVER_ERROR;
      case Throwable other -> Errors.forException(other);
    };
  }

  /** The exception Kafka's response classes turn into the right error and message. */
  public static ApiException exception(Throwable fault) {
    var cause = unwrap(fault);
    if (cause instanceof ApiException known && Objects.equals(known.getMessage(), message(known))) {
      return known;
    }
    return of(cause).exception(message(cause));
  }

  /** What a client is told beside the error code; nothing about the inside of an unknown fault. */
  public static @Nullable String message(Throwable fault) {
    var cause = unwrap(fault);
    return cause instanceof Fault || cause instanceof ApiException
        ? shortened(cause.getMessage())
        : of(cause).message();
  }

  /** A message that repeats a client's longest names would not fit into an answer. */
  public static @Nullable String shortened(@Nullable String message) {
    return message == null || message.length() <= MAX_MESSAGE_CHARS
        ? message
        : message.substring(0, MAX_MESSAGE_CHARS) + "...";
  }

  /** The fault itself, without what futures wrap around it. */
  public static Throwable unwrap(Throwable fault) {
    var cause = fault;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
