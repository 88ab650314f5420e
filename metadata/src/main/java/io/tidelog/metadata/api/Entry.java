package io.tidelog.metadata.api;

/**
 * A key and its value at some revision.
 *
 * @param value the store's own array, shared: never changed by anybody
 * @param createRevision when the key came into being, last time
 * @param modRevision when the value was put
 * @param lease the lease it lives under, or {@link #NO_LEASE}
 */
@SuppressWarnings("ArrayRecordComponent") // identity of an entry is its key and mod revision
public record Entry(String key, byte[] value, long createRevision, long modRevision, long lease) {

  public static final long NO_LEASE = 0;
}
