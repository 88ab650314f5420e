/**
 * The commands of {@code ./tidelog}: one class each, on the main thread, talking to a node only
 * through the Kafka protocol or by starting one.
 */
@NullMarked
package io.tidelog.app.cli;

import org.jspecify.annotations.NullMarked;
