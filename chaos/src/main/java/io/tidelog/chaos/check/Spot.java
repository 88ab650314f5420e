package io.tidelog.chaos.check;

/** Where in the histories: an event, from 0, of a process. */
public record Spot(int process, int event) {

  @Override
  public String toString() {
    return "process " + process + " event " + event;
  }
}
