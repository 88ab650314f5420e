package io.tidelog.metadata.api;

import org.jspecify.annotations.Nullable;

/**
 * A node as clients are told to reach it.
 *
 * @param id allocated once and kept
 */
public record NodeImage(int id, String host, int port, @Nullable String rack) {}
