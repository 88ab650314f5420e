/**
 * Holds the contract of an object store, its checks, and the stores that need no third party. A
 * store is called from threads that may block and guards its own state.
 */
@NullMarked
package io.tidelog.cold.store;

import org.jspecify.annotations.NullMarked;
