/**
 * This node as a member of the cluster: its id, its lease, its registration. Machines are memory
 * only; the metadata lane owns them and the drivers that carry out what they decide.
 */
@NullMarked
package io.tidelog.metadata.node;

import org.jspecify.annotations.NullMarked;
