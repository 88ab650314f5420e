package io.tidelog.hot.replica.net;

/**
 * Counts since the start, and what is there now.
 *
 * @param incoming connections of other nodes, handshake done
 * @param outgoing connections to other nodes, handshake done
 * @param droppedMessages not sent: no connection, or too much waiting for it
 * @param unsentBytes taken and not handed to the kernel yet, for all nodes
 */
public record ReplicaNetStats(
    int incoming,
    int outgoing,
    long sentBytes,
    long receivedBytes,
    long droppedMessages,
    long unsentBytes) {}
