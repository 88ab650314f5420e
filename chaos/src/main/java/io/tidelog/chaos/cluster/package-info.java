/**
 * The clusters that are run: of Tidelog with all it needs, and of Apache Kafka beside it. A cluster
 * is used by one thread at a time.
 */
@NullMarked
package io.tidelog.chaos.cluster;

import org.jspecify.annotations.NullMarked;
