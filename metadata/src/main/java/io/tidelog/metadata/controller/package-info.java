/**
 * What one node does for the cluster while it holds the controller's key: place logs, spread and
 * drain them, give leads back, clean up. No failover waits for it. The machine is memory only; the
 * metadata lane owns it and its driver.
 */
@NullMarked
package io.tidelog.metadata.controller;

import org.jspecify.annotations.NullMarked;
