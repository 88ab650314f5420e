package io.tidelog.simulation.cluster;

import io.tidelog.core.Lane;
import io.tidelog.simulation.log.Violation;
import java.util.function.Consumer;

/** A lane of one node: its deadlines are on the node's clock, and what its tasks throw is told. */
final class NodeLane implements Lane {

  private final Lane lane;
  private final NodeClock clock;
  private final Consumer<RuntimeException> onUncaught;

  NodeLane(Lane lane, NodeClock clock, Consumer<RuntimeException> onUncaught) {
    this.lane = lane;
    this.clock = clock;
    this.onUncaught = onUncaught;
  }

  @Override
  public void execute(Runnable task) {
    lane.execute(() -> run(task));
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    return lane.executeAt(clock.trueNs(deadlineNs), () -> run(task));
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Violation violation) {
      throw violation;
    } catch (RuntimeException failure) {
      onUncaught.accept(failure);
    }
  }
}
