package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Stamp;

/** What one consumer saw of one partition, in order. */
sealed interface Seen {

  Session session();

  Spot spot();

  record Begin(Session session, Spot spot, long atNs, long position) implements Seen {}

  record End(Session session, Spot spot) implements Seen {}

  record Record(Session session, Spot spot, Stamp at, long offset, long value) implements Seen {}
}
