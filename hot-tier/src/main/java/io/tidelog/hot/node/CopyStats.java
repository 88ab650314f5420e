package io.tidelog.hot.node;

/**
 * How the copies of logs stand that a node is to hold, whoever leads them.
 *
 * @param held open here
 * @param full following, and taking nothing of their leader since there is no room on the disk
 * @param broken of those held, stopped until the process is started again
 * @param notOpened not open, since opening them failed; tried again
 */
public record CopyStats(int held, int full, int broken, int notOpened) {}
