/**
 * Answers the requests about the cluster, its topics and their settings, one class for each API
 * key. Handlers hold no state; what they read are immutable pictures published by other lanes.
 */
@NullMarked
package io.tidelog.gateway.handler;

import org.jspecify.annotations.NullMarked;
