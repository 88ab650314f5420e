package io.tidelog.cold;

import io.tidelog.cold.collect.CollectConfig;
import io.tidelog.cold.offload.OffloadConfig;
import io.tidelog.cold.read.ColdReadConfig;
import io.tidelog.cold.store.ObjectKeys;

/**
 * Settings of the cold tier. Immutable.
 *
 * @param keyPrefix folder in the bucket for everything of ours; may be empty
 * @param clusterId keeps clusters apart that share a bucket
 */
public record ColdTierConfig(
    String keyPrefix,
    String clusterId,
    OffloadConfig offload,
    CollectConfig collect,
    ColdReadConfig read) {

  public ColdTierConfig {
    ObjectKeys.checkPrefix(keyPrefix);
    ObjectKeys.checkKey(clusterId);
  }

  /** All limits at their defaults. */
  public static ColdTierConfig defaults(String keyPrefix, String clusterId) {
    return new ColdTierConfig(
        keyPrefix, clusterId, OffloadConfig.DEFAULT, CollectConfig.DEFAULT, ColdReadConfig.DEFAULT);
  }
}
