package io.tidelog.metadata.node;

import org.jspecify.annotations.Nullable;

/**
 * What a node knows of itself before it has seen its cluster.
 *
 * @param explicitId {@code node.id}, or {@link io.tidelog.metadata.api.ClusterSettings#ALLOCATED}
 * @param hot it has a data folder
 * @param folder what the data folder says, or null when it is new or there is none
 * @param name its id is kept under, without a data folder
 */
public record NodeWish(int explicitId, boolean hot, @Nullable NodeFolder folder, String name) {}
