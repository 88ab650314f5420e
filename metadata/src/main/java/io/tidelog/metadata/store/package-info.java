/**
 * What the adapters of the metadata store share: the limits every call keeps, and the bounded way
 * from a store to the lane of a watch. Owned by the adapter that uses it.
 */
@NullMarked
package io.tidelog.metadata.store;

import org.jspecify.annotations.NullMarked;
