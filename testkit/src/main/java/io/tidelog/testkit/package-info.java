/** Holds fakes, contracts and seeds that the tests of the other modules share. */
@NullMarked
package io.tidelog.testkit;

import org.jspecify.annotations.NullMarked;
