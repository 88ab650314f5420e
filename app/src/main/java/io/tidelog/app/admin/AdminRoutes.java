package io.tidelog.app.admin;

import io.vertx.core.http.HttpServerRequest;

/** Some of what the admin endpoint answers; on its event loop. */
@FunctionalInterface
public interface AdminRoutes {

  /**
   * To be sent with what changes something. A web page that a user has open could post here as
   * well; a header that only a program can set keeps it out, since a browser asks first and is not
   * answered.
   */
  String HEADER = "X-Tidelog-Admin";

  /** Answers if it is one of these routes. */
  boolean answer(HttpServerRequest request);
}
