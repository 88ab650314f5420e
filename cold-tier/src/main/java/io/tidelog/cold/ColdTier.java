package io.tidelog.cold;

import io.tidelog.cold.collect.ObjectCollector;
import io.tidelog.cold.offload.ColdKeys;
import io.tidelog.cold.offload.OffloadRuntime;
import io.tidelog.cold.offload.StoreMatch;
import io.tidelog.cold.read.ChunkedColdReader;
import io.tidelog.cold.runtime.ColdRuntime;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.SealedSegmentSource;
import java.util.random.RandomGenerator;

/**
 * The cold tier of one node: offloads what is sealed, collects what is not needed, reads what was
 * offloaded. Owns the threads of the three and, from {@link #close}, nothing.
 */
public final class ColdTier implements AutoCloseable {

  private final ColdRuntime runtime;
  private final SealedSegmentSource source;
  private final StoreMatch match;
  private final OffloadRuntime offload;
  private final ObjectCollector collector;
  private final ChunkedColdReader reader;

  /**
   * @param store borrowed; closed by its owner, after this
   * @param random names objects and spreads retries; drawn from by one thread
   */
  public ColdTier(
      ColdTierConfig config,
      ObjectStore store,
      SealedSegmentSource source,
      Clock clock,
      RandomGenerator random) {
    this.runtime = new ColdRuntime(clock);
    var keys = new ColdKeys(config.keyPrefix(), config.clusterId(), random);
    this.source = source;
    this.match = new StoreMatch(source, store, keys);
    var lane = runtime.lane();
    var blocking = runtime.blocking();
    this.offload =
        new OffloadRuntime(source, store, keys, config.offload(), lane, blocking, clock, random);
    this.collector =
        new ObjectCollector(source, store, keys, config.collect(), offload, lane, blocking, clock);
    this.reader = new ChunkedColdReader(store, config.read(), blocking, clock);
  }

  /**
   * Whether the store is the one that the logs were offloaded to. Blocks; offloading and collecting
   * ask again, so that a store that is out may be passed over.
   *
   * @throws Fault as the store says; {@code Refused} with {@code INVALID_CONFIG} when it is another
   */
  public void requireStoreOfLogs() {
    source.logs().forEach(match::requireOrThrow);
  }

  /** Begins to offload and to collect; reading needs no start. */
  public void start() {
    offload.start();
    collector.start();
  }

  public ColdReader reader() {
    return reader;
  }

  /** Any thread. */
  public ColdStats stats() {
    return new ColdStats(offload.stats(), collector.stats(), reader.stats());
  }

  /** Begins nothing more; an upload under way ends, or not, and is found by the next process. */
  @Override
  public void close() {
    collector.close();
    offload.close();
    runtime.close();
    reader.close();
  }
}
