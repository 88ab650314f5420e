package io.tidelog.gateway.wire;

/** What a request needs of its frame once it is parsed. */
public enum FrameUse {
  /** Nothing: all of it was copied into objects. */
  NONE,
  /** Views of record batches, until they are appended, which is soon. */
  VIEWS,
  /** Views of bytes for as long as the request waits, which may be long. */
  LASTING_VIEWS
}
