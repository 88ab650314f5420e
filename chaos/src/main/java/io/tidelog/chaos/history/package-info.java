/**
 * What client processes did and saw, as compact files; an event is immutable, a file has one
 * writer.
 */
@NullMarked
package io.tidelog.chaos.history;

import org.jspecify.annotations.NullMarked;
