package io.tidelog.core.log;

import io.tidelog.core.LogId;

/**
 * An uploaded and verified object that stands for the segment from {@code baseLsn} to {@code
 * endLsn}.
 *
 * @param term the term its uploader led in
 * @param sizeBytes of the whole object; its footer is found from its end
 * @param footerCrc CRC-32C of the footer
 */
public record ColdObject(
    LogId log,
    long term,
    long baseLsn,
    long endLsn,
    String key,
    long sizeBytes,
    int footerSizeBytes,
    int footerCrc) {}
