/**
 * {@code ./tidelog chaos} and {@code ./tidelog cluster}: clusters of real processes, what is done
 * to them, and what is said of it.
 */
@NullMarked
package io.tidelog.chaos;

import org.jspecify.annotations.NullMarked;
