/**
 * The metadata store of a single node: an append-only log with snapshots under a multi-version map
 * in memory. The store's own thread, the only adapter to files here, owns all state.
 */
@NullMarked
package io.tidelog.metadata.store.embedded;

import org.jspecify.annotations.NullMarked;
