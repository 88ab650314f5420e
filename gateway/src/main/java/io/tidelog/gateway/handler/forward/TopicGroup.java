package io.tidelog.gateway.handler.forward;

import java.util.List;

/**
 * What a request or an answer has of one topic, in its order.
 *
 * @param <T> what it has of one partition
 */
record TopicGroup<T>(String topic, List<T> partitions) {}
