package io.tidelog.gateway.net;

/** Where a connection stands in its life; it only moves down this list. */
sealed interface ConnectionState {

  /** It has sent nothing valid yet, and must before a deadline, in little memory. */
  record Unproven(long deadlineNs) implements ConnectionState {}

  /** It sends requests and gets answers. */
  record Serving() implements ConnectionState {}

  /** Nothing more is read; it closes when what it asked for is answered, or at the deadline. */
  record Draining(long deadlineNs) implements ConnectionState {}

  record Closed() implements ConnectionState {}
}
