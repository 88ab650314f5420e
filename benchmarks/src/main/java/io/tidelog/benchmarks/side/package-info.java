/**
 * Whole-process measures of Tidelog beside Apache Kafka: each run starts a server of its own, and
 * everything is counted by the operating system. State belongs to the main thread.
 */
@NullMarked
package io.tidelog.benchmarks.side;

import org.jspecify.annotations.NullMarked;
