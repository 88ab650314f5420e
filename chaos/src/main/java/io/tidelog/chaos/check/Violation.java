package io.tidelog.chaos.check;

/**
 * @param where partition, group or topic
 * @param spot the event that shows it
 */
public record Violation(Anomaly anomaly, String where, String what, Spot spot) {

  @Override
  public String toString() {
    return anomaly + " in " + where + ": " + what + " (" + spot + ")";
  }
}
