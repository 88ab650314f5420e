package io.tidelog.hot.runtime;

import java.util.List;

/**
 * What the log holds and is not committed when a term begins.
 *
 * @param groups in log order, already known to the leader
 */
record Uncommitted(List<WrittenGroup> groups, long lastAppendTimeMs) {}
