/** Holds what wires and starts Tidelog: configuration, process, command line, admin endpoint. */
@NullMarked
package io.tidelog.app;

import org.jspecify.annotations.NullMarked;
