/**
 * The contracts between those who hold a segment log and those who write to it, read it, offload it
 * and hold back what is not due. Everything published here is immutable.
 */
@NullMarked
package io.tidelog.core.log;

import org.jspecify.annotations.NullMarked;
