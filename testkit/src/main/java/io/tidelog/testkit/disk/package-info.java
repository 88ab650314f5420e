/** Holds a real file system for tests whose power can be cut. */
@NullMarked
package io.tidelog.testkit.disk;

import org.jspecify.annotations.NullMarked;
