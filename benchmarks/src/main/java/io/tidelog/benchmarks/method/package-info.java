/**
 * Single methods of the hot paths under JMH. State belongs to the benchmark thread that JMH gives
 * it.
 */
@NullMarked
package io.tidelog.benchmarks.method;

import org.jspecify.annotations.NullMarked;
