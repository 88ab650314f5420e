package io.tidelog.chaos.world;

/**
 * A machine of the run.
 *
 * @param address where its processes listen
 */
public record Host(String name, String address) {

  @Override
  public String toString() {
    return name;
  }
}
