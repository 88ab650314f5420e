package io.tidelog.metadata.api;

import io.tidelog.core.LogId;

/**
 * Who this node is, decided at its first start and kept in the store.
 *
 * @param clusterId a Kafka Uuid: 22 characters of URL-safe base64
 * @param nodeId this node's id, from 1
 * @param generation of the metadata; raised when it is exported elsewhere
 * @param log the segment log of this node
 * @param term the log's term of this process: above every one before it and above the one found on
 *     disk
 */
public record ClusterIdentity(String clusterId, int nodeId, int generation, LogId log, long term) {}
