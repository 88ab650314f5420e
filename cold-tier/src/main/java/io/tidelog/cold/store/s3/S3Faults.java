package io.tidelog.cold.store.s3;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Tells what an answer of S3 means to the caller. A write that was answered with anything but a
 * clear no may have happened: the server's own word for that is 503 before it began, anything else
 * from 500 on is a guess. A read or a deletion can be made again in any case.
 */
final class S3Faults {

  private S3Faults() {}

  static Fault ofWrite(String what, SdkException failure) {
    return of(what, failure, true);
  }

  static Fault ofRead(String what, SdkException failure) {
    return of(what, failure, false);
  }

  static boolean isStatus(SdkException failure, int status) {
    return failure instanceof S3Exception answer && answer.statusCode() == status;
  }

  static boolean isNoSuchBucket(SdkException failure) {
    return failure instanceof S3Exception answer && code(answer).equals("NoSuchBucket");
  }

  private static Fault of(String what, SdkException failure, boolean isWrite) {
    if (failure instanceof S3Exception answer) {
      return ofAnswer(what, answer, isWrite);
    }
    // No answer at all: a time-out, a cut connection, an interrupt.
    return isWrite
        ? new Fault.Uncertain(what + ": " + failure.getMessage(), failure)
        : new Fault.Retriable(what + ": " + failure.getMessage(), failure);
  }

  private static Fault ofAnswer(String what, S3Exception answer, boolean isWrite) {
    int status = answer.statusCode();
    String told = what + ": " + status + " " + code(answer) + ", " + answer.getMessage();
    if (status == 503 || status == 429 || status == 409) {
      return new Fault.Retriable(told, answer);
    }
    if (status >= 500) {
      return isWrite ? new Fault.Uncertain(told, answer) : new Fault.Retriable(told, answer);
    }
    return switch (code(answer)) {
      case "RequestTimeout",
          "BadDigest",
          "IncompleteBody",
          "NoSuchUpload",
          "RequestTimeTooSkewed" ->
          new Fault.Retriable(told, answer);
      case "XAmzContentSHA256Mismatch" ->
          new Fault.Refused(
              Refusal.INVALID_CONFIG, told + " (this server needs checksum mode REQUIRED)");
      default -> new Fault.Refused(Refusal.INVALID_CONFIG, told);
    };
  }

  private static String code(S3Exception answer) {
    var details = answer.awsErrorDetails();
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }
}
