package io.tidelog.hot.disk;

import java.io.IOException;

/** The disk is full, or a quota is used up; what was to be written may be there in part. */
public final class NoSpaceException extends IOException {

  private static final long serialVersionUID = 1L;

  public NoSpaceException(String message) {
    super(message);
  }

  public NoSpaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
