package io.tidelog.hot.replica.net;

import java.util.UUID;

/** Who a node is to the others: it speaks with nodes of its own cluster only. */
public record ReplicaIdentity(UUID clusterId, int nodeId) {}
