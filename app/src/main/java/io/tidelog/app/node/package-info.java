/** One node: which parts it is made of, in which order they start and stop. */
@NullMarked
package io.tidelog.app.node;

import org.jspecify.annotations.NullMarked;
