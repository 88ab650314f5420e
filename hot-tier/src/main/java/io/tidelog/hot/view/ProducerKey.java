package io.tidelog.hot.view;

/** A producer in a partition. */
public record ProducerKey(int partitionRef, long producerId) {}
