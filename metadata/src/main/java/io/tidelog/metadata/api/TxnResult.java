package io.tidelog.metadata.api;

import java.util.List;

/**
 * How a transaction ended.
 *
 * @param held the compares held and the then-operations were carried out
 * @param revision the transaction's revision, or the store's when it changed nothing
 * @param read what the {@code Get} operations found; absent keys are left out
 */
public record TxnResult(boolean held, long revision, List<Entry> read) {}
