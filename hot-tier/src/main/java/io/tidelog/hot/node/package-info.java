/**
 * The hot tier of one node: the copies of segment logs it holds, and those among them that it
 * leads, served as one.
 */
@NullMarked
package io.tidelog.hot.node;

import org.jspecify.annotations.NullMarked;
