package io.tidelog.cold.store;

/**
 * An object as a store lists it.
 *
 * @param lastModifiedMs by the store's own clock, since the Unix epoch
 */
public record StoredObject(String key, long sizeBytes, long lastModifiedMs) {}
