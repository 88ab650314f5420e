/** Holds the Kafka protocol and the connections of its clients. */
@NullMarked
package io.tidelog.gateway;

import org.jspecify.annotations.NullMarked;
