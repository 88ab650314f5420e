package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;

/** How {@link ReplicaLog#append} ended. Unless it is {@link Written}, nothing was written. */
public sealed interface ReplicaAppend {

  /** All of it is written, not yet synced; the log ends here now. */
  record Written(long endLsn) implements ReplicaAppend {}

  /** What came must not be written. */
  record Refused(Reason reason, String message) implements ReplicaAppend {}

  /** The disk is full; the same groups may be sent again later. */
  record Full(String message) implements ReplicaAppend {}

  /** Nothing more can be written until the log is opened anew. */
  record Failed(Fault.Broken fault) implements ReplicaAppend {}

  /** Why groups are refused. */
  enum Reason {
    /** They do not begin where the log ends: late, twice, or too early. */
    NOT_NEXT,
    /** They belong to a segment that begins elsewhere: the log has to be cut first. */
    OTHER_SEGMENT,
    /** A checksum, or what a group or frame must be, does not hold. */
    DAMAGED,
    /** Of an older term than what is here, or of a newer one that does not begin with its start. */
    WRONG_TERM,
    /** Appended too far ahead of the wall clock here: the leader's clock, or this one, is wrong. */
    AHEAD_OF_TIME,
    /** A newer version wrote them, which this one must not follow. */
    NEWER_VERSION,
    /** The log is led here, or closed. */
    NOT_FOLLOWING
  }
}
