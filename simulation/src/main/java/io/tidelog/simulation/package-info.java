/** The simulations by command; their parts are in the packages below. */
@NullMarked
package io.tidelog.simulation;

import org.jspecify.annotations.NullMarked;
