/**
 * Says how the gateway is configured; the packages below speak the Kafka protocol and own the
 * connections of its clients. Immutable, owned by no lane.
 */
@NullMarked
package io.tidelog.gateway;

import org.jspecify.annotations.NullMarked;
