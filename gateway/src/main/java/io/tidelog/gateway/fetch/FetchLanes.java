package io.tidelog.gateway.fetch;

import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The fetch lanes of all event loops. Passes on what moved in the log to the loops where somebody
 * waits, as one post per loop and commit.
 */
public final class FetchLanes {

  private final FetchLane.Sources sources;
  private final PerLoop<FetchLane> lanes;

  /** The same lanes, to be walked at each commit. */
  private final List<FetchLane> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param config the limits of each loop
   * @param ids makes a source of session ids for one loop
   */
  public FetchLanes(
      FetchLane.Sources sources, FetchLaneConfig config, Supplier<RandomGenerator> ids) {
    this.sources = sources;
    this.lanes =
        new PerLoop<>(
            loop -> {
              var lane = new FetchLane(loop, sources, config, ids.get());
              listeners.add(lane);
              return lane;
            });
  }

  /** Listens to the log, if there is one, from now on; called once. */
  public void start() {
    var log = sources.log();
    if (log != null) {
      log.onAdvance(this::onAdvanced);
    }
  }

  /** The fetch lane of an event loop, called on that loop. */
  public FetchLane of(Lane loop) {
    return lanes.of(loop);
  }

  /** What all loops keep now; from any thread. */
  public FetchStats stats() {
    return listeners.stream().map(FetchLane::stats).reduce(FetchStats.NOTHING, FetchStats::plus);
  }

  private void onAdvanced(List<PartitionId> partitions) {
    for (var lane : listeners) {
      if (lane.parked().anyParked()) {
        lane.lane().execute(() -> lane.parked().onAdvanced(partitions));
      }
    }
  }
}
