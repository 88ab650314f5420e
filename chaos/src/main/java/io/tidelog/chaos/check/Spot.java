package io.tidelog.chaos.check;

/** Where in the histories: an event, from 0, of a process. */
public record Spot(int process, int event) {

  /** Of what no event shows. */
  public static final Spot NONE = new Spot(-1, -1);

  @Override
  public String toString() {
    return equals(NONE) ? "in no history" : "process " + process + " event " + event;
  }
}
