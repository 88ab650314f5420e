/**
 * Holds the way of a sealed segment into the object store: prepare, upload, verify, commit. State
 * belongs to the offload lane; uploads run on threads that may block and post back to it.
 */
@NullMarked
package io.tidelog.cold.offload;

import org.jspecify.annotations.NullMarked;
