package io.tidelog.hot.replica;

/**
 * Where a term begins in a log.
 *
 * @param lsn of the first write group of the term
 */
public record TermStart(long term, long lsn) {}
