package io.tidelog.metadata.api;

/** What a node does. */
public enum NodeRole {
  /** Serves clients and keeps nothing. */
  GATEWAY,
  /** Holds segment logs. */
  HOT
}
