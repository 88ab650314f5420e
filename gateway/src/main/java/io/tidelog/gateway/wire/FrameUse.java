package io.tidelog.gateway.wire;

import org.apache.kafka.common.protocol.ApiKeys;

/** What a request needs of its frame once it is parsed. */
public enum FrameUse {
  /** Nothing: all of it was copied into objects. */
  NONE,
  /** Views of record batches, until they are appended, which is soon. */
  VIEWS,
  /** Views of bytes for as long as the request waits, which may be long. */
  LASTING_VIEWS;

  /** What requests of this API key need; any number may be asked for. */
  public static FrameUse of(int api) {
    if (api == ApiKeys.PRODUCE.id) {
      return VIEWS;
    }
    // Kafka's name for: has fields of bytes, which its generated code reads without copying.
    return ApiKeys.hasId(api) && ApiKeys.forId(api).requiresDelayedAllocation
        ? LASTING_VIEWS
        : NONE;
  }
}
