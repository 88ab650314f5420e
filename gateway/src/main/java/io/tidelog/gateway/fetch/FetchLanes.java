package io.tidelog.gateway.fetch;

import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The fetch lanes of all event loops; each loop makes its own when its first fetch comes. Passes on
 * what moved in the log to the loops where somebody waits, as one post per loop and commit.
 */
public final class FetchLanes {

  private final FetchLane.Sources sources;
  private final FetchLaneConfig config;
  private final Supplier<RandomGenerator> ids;
  private final List<FetchLane> lanes = new CopyOnWriteArrayList<>();

  /**
   * @param config the limits of each loop
   * @param ids makes a source of session ids for one loop
   */
  public FetchLanes(
      FetchLane.Sources sources, FetchLaneConfig config, Supplier<RandomGenerator> ids) {
    this.sources = sources;
    this.config = config;
    this.ids = ids;
  }

  /** Listens to the log from now on; called once. */
  public void start() {
    sources.log().onAdvance(this::onAdvanced);
  }

  /** The fetch lane of an event loop, called on that loop. */
  public FetchLane of(Lane loop) {
    var known = find(loop);
    if (known != null) {
      return known;
    }
    var added = new FetchLane(loop, sources, config, ids.get());
    lanes.add(added);
    return added;
  }

  /** Every loop's lane; from another thread only counters may be looked at. */
  public List<FetchLane> all() {
    return Collections.unmodifiableList(lanes);
  }

  private @Nullable FetchLane find(Lane loop) {
    for (var lane : lanes) {
      if (lane.lane().equals(loop)) {
        return lane;
      }
    }
    return null;
  }

  private void onAdvanced(List<PartitionId> partitions) {
    for (var lane : lanes) {
      if (lane.parked().anyParked()) {
        lane.lane().execute(() -> lane.parked().onAdvanced(partitions));
      }
    }
  }
}
