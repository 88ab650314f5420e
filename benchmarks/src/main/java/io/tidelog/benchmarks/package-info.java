/** Holds measurements, which assert nothing. */
@NullMarked
package io.tidelog.benchmarks;

import org.jspecify.annotations.NullMarked;
