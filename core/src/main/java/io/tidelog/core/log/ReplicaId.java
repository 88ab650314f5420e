package io.tidelog.core.log;

import java.util.UUID;

/**
 * A copy of a log on one disk of one node. A disk that was wiped, replaced, or may have lost what
 * it acknowledged gets another disk id, and so never passes for the copy that was there (KIP-858,
 * KIP-966).
 */
public record ReplicaId(int nodeId, UUID diskId) {}
