/**
 * Runs Kafka's group coordinator over the internal partitions of this node's segment log: writes,
 * loads, elects and keeps them bounded. The coordinator's lane owns which partitions are led and
 * elected; what is known of one internal partition is owned by whichever of Kafka's coordinator
 * threads serves it, one at a time.
 */
@NullMarked
package io.tidelog.coordinator;

import org.jspecify.annotations.NullMarked;
