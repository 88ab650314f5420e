package io.tidelog.hot.replica.net;

import java.io.IOException;

/** What came is not of this protocol, or of a newer one: the connection has to end. */
public final class BadFrameException extends IOException {

  private static final long serialVersionUID = 1L;

  BadFrameException(String message) {
    super(message);
  }
}
