package io.tidelog.cold;

import io.tidelog.cold.collect.CollectStats;
import io.tidelog.cold.offload.OffloadStats;
import io.tidelog.cold.read.ColdReadStats;

/** The figures of the cold tier, at one moment. */
public record ColdStats(OffloadStats offload, CollectStats collect, ColdReadStats read) {}
