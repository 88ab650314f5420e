package io.tidelog.gateway.handler.data;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import java.util.List;
import java.util.function.Consumer;

/**
 * The lanes on which record batches are looked into. A partition has always the same one, so that
 * its batches keep their order.
 */
public final class ValidationLanes {

  private final List<Own> lanes;

  /**
   * @param lanes none of them an event loop, at least one
   * @param maxRecords of a batch that is looked into
   */
  public ValidationLanes(List<? extends Lane> lanes, int maxRecords, Clock clock) {
    if (lanes.isEmpty()) {
      throw new IllegalArgumentException("no lane to validate records on");
    }
    this.lanes =
        lanes.stream().map(lane -> new Own(lane, new RecordValidator(maxRecords, clock))).toList();
  }

  void execute(PartitionId partition, Consumer<RecordValidator> task) {
    var own = lanes.get(Math.floorMod(partition.hashCode(), lanes.size()));
    own.lane.execute(() -> task.accept(own.validator));
  }

  /** Any lane, for work that no order binds. */
  Lane lane(PartitionId partition) {
    return lanes.get(Math.floorMod(partition.hashCode(), lanes.size())).lane;
  }

  private record Own(Lane lane, RecordValidator validator) {}
}
