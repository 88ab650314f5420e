/**
 * The bytes of a segment log: frames, write groups, and how they are written and checked ({@code
 * docs/formats/segment-log.md}).
 *
 * <p>Values are immutable and belong to no lane; a {@link io.tidelog.hot.format.FrameCodec} or
 * {@link io.tidelog.hot.format.FrameScanner} belongs to the one thread that uses it.
 */
@NullMarked
package io.tidelog.hot.format;

import org.jspecify.annotations.NullMarked;
