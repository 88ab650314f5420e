package io.tidelog.hot.replica;

import io.tidelog.core.Lane;
import java.util.function.Consumer;

/**
 * Calls the {@link ReplicaMachine} of one log on its lane, and hands out what it wants after each
 * call, in order, until it wants nothing more. Belongs to the log's lane.
 */
final class EffectLoop {

  private final Lane lane;
  private final ReplicaMachine machine;
  private final Consumer<ReplicaEffect> carryOut;
  private boolean isCarryingOut;
  private boolean isStopped;

  EffectLoop(Lane lane, ReplicaMachine machine, Consumer<ReplicaEffect> carryOut) {
    this.lane = lane;
    this.machine = machine;
    this.carryOut = carryOut;
  }

  ReplicaMachine machine() {
    return machine;
  }

  /** Any thread: as {@link #run}, soon. */
  void post(Runnable call) {
    lane.execute(() -> run(call));
  }

  /** Lane: calls the machine, and carries out what it wants. */
  void run(Runnable call) {
    if (isStopped) {
      return;
    }
    call.run();
    carryOut();
  }

  private void carryOut() {
    if (isCarryingOut) {
      return; // called by what is being carried out: the loop below goes on
    }
    isCarryingOut = true;
    try {
      boolean isMore = true;
      while (isMore) {
        for (var effect = machine.poll(); effect != null; effect = machine.poll()) {
          carryOut.accept(effect);
        }
        machine.onCarriedOut();
        var effect = machine.poll();
        isMore = effect != null;
        if (effect != null) {
          carryOut.accept(effect);
        }
      }
    } finally {
      isCarryingOut = false;
    }
  }

  /** Lane: nothing is called any more. */
  void stop() {
    isStopped = true;
  }

  boolean isStopped() {
    return isStopped;
  }
}
