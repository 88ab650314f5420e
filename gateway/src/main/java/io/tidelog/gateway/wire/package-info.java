/**
 * Turns bytes of the Kafka protocol into requests and responses into bytes, and says what a handler
 * is. Values belong to the lane of the connection they came from; tables here are immutable.
 */
@NullMarked
package io.tidelog.gateway.wire;

import org.jspecify.annotations.NullMarked;
