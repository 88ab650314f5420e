/** Holds groups, transactions and shares: state machines whose memory is a partition. */
@NullMarked
package io.tidelog.coordinator;

import org.jspecify.annotations.NullMarked;
