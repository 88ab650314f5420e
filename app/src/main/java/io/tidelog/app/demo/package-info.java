/**
 * The demonstration: the main job on real input, watched live. State belongs to the main thread;
 * counts that the client's event loop adds to are atomic.
 */
@NullMarked
package io.tidelog.app.demo;

import org.jspecify.annotations.NullMarked;
