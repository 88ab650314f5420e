package io.tidelog.simulation.controller;

import static io.tidelog.simulation.log.Fate.nothing;
import static io.tidelog.simulation.log.Fate.seed;

import io.tidelog.simulation.log.Fate;
import io.tidelog.simulation.log.KnownHole;

/** A hole put back around controllers, to see that the simulation finds it. */
public enum ControllerHole implements KnownHole {
  /** The product as it is. */
  NONE(nothing()),
  /** A controller writes without comparing that it still is the controller. */
  UNFENCED(seed(11)),
  /** What has changed since it was seen is replaced. */
  SWAPPED_BLINDLY(seed(3)),
  /** What a watch loses is never looked up. */
  WATCHES_TRUSTED(seed(2));

  private final Fate fate;

  ControllerHole(Fate fate) {
    this.fate = fate;
  }

  @Override
  public Fate fate() {
    return fate;
  }
}
