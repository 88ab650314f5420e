package io.tidelog.hot.leader;

/**
 * Decides how producers are held back while the cold tier is behind: first each wake-up of the lane
 * waits, longer the more is to be uploaded, then appends are refused, long before the disk is full.
 * Pure.
 */
public final class AdmissionPlanner {

  private static final long MAX_PAUSE_MS = 100;

  private AdmissionPlanner() {}

  /**
   * @param slowLagBytes sealed and not offloaded: from here on producers are slowed
   * @param refuseLagBytes from here on they are refused
   */
  public record Limits(long slowLagBytes, long refuseLagBytes) {

    public Limits {
      if (slowLagBytes < 0 || refuseLagBytes <= slowLagBytes) {
        throw new IllegalArgumentException(
            "slow from " + slowLagBytes + " bytes, refuse from " + refuseLagBytes);
      }
    }
  }

  /** How long appends wait before they are decided about, in milliseconds; 0 for not at all. */
  public static long pauseMs(long lagBytes, Limits limits) {
    if (lagBytes < limits.slowLagBytes()) {
      return 0;
    }
    double span = limits.refuseLagBytes() - limits.slowLagBytes();
    double behind = Math.min(1.0, (lagBytes - limits.slowLagBytes()) / span);
    return Math.max(1, (long) (behind * MAX_PAUSE_MS));
  }

  public static boolean isRefused(long lagBytes, Limits limits) {
    return lagBytes >= limits.refuseLagBytes();
  }
}
