/**
 * The settings of a node: catalogue, sources and precedence. Immutable once read; owned by no lane.
 */
@NullMarked
package io.tidelog.app.config;

import org.jspecify.annotations.NullMarked;
