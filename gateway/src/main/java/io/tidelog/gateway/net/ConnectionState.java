package io.tidelog.gateway.net;

/** Where a connection stands in its life; it only moves down this list. */
sealed interface ConnectionState {

  /** It has sent nothing valid yet, and must before a deadline, in little memory. */
  record Unproven(long deadlineNs) implements ConnectionState {}

  /** It sends requests and gets answers. */
  record Serving() implements ConnectionState {}

  /**
   * The client sends nothing more, and perhaps has closed; what it has sent is still served, as far
   * as that goes until the deadline.
   */
  record Ending(long deadlineNs) implements ConnectionState {}

  /** Nothing more is read; it closes when what it asked for is answered, or at the deadline. */
  record Draining(long deadlineNs) implements ConnectionState {}

  record Closed() implements ConnectionState {}
}
