package io.tidelog.chaos.report;

import io.tidelog.chaos.check.Spot;
import io.tidelog.chaos.check.Verdict;
import io.tidelog.chaos.fault.Fault;
import io.tidelog.chaos.history.ClientHistory;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Everything there is to say about a run.
 *
 * @param title cluster, seed, duration, workloads
 * @param startNs when the first client was started, on the monotonic clock
 * @param problems what went wrong besides what histories show
 */
public record RunReport(
    String title,
    long startNs,
    List<Fault> faults,
    List<ClientHistory> histories,
    List<String> problems,
    Verdict verdict) {

  /** Whether the cluster kept every promise, and all of them could be judged. */
  public boolean isFine() {
    return problems.isEmpty() && verdict.isClean();
  }

  public String text() {
    var text = new StringBuilder(title).append("\n\nFaults, in seconds since the start:\n");
    for (var fault : faults) {
      text.append(
          "  %6.1f to %6.1f, whole %6s  %-18s %s%n"
              .formatted(
                  seconds(fault.startNs()),
                  seconds(fault.healedNs()),
                  fault.wholeNs() == Fault.NEVER ? "-" : "%.1f".formatted(seconds(fault.wholeNs())),
                  fault.kind().word(),
                  fault.target()));
    }
    text.append("\nWhat clients did:\n");
    Tally.of(histories)
        .forEach(
            (workload, counts) ->
                text.append(
                    "  %-5s %s%n"
                        .formatted(
                            workload,
                            counts.entrySet().stream()
                                .map(each -> each.getValue() + " " + each.getKey())
                                .collect(Collectors.joining(", ")))));
    appendGaps(text);
    problems.forEach(problem -> text.append("\nPROBLEM: ").append(problem).append('\n'));
    appendVerdict(text);
    return text.toString();
  }

  private void appendGaps(StringBuilder text) {
    text.append(
        """

        Of each partition that was hit, ms: from a fault to the first acknowledgement of a record
        sent after it, and the longest wait of any record until the fault was healed:
        """);
    text.append(
        "  %-18s %6s %10s %7s %7s %7s %9s %7s %7s%n"
            .formatted(
                "fault", "times", "partitions", "p50", "p99", "max", "unserved", "p50", "max"));
    Gaps.of(histories, faults)
        .forEach(
            (kind, gaps) -> {
              long times =
                  faults.stream().filter(fault -> fault.kind().word().equals(kind)).count();
              text.append(
                  "  %-18s %6d %10d %7s %7s %7s %9d %7s %7s%n"
                      .formatted(
                          kind,
                          times,
                          gaps.firsts().sorted().size() + gaps.unserved(),
                          figure(gaps.firsts().percentile(50)),
                          figure(gaps.firsts().percentile(99)),
                          figure(gaps.firsts().max()),
                          gaps.unserved(),
                          figure(gaps.waits().percentile(50)),
                          figure(gaps.waits().max())));
            });
  }

  private static String figure(long ms) {
    return ms < 0 ? "-" : Long.toString(ms);
  }

  private void appendVerdict(StringBuilder text) {
    if (verdict.isClean()) {
      text.append("\nNo violation.\n");
      return;
    }
    text.append("\nVIOLATIONS, with the seconds since the start:\n");
    verdict.counts().forEach((anomaly, count) -> text.append("  " + count + " " + anomaly + "\n"));
    verdict
        .violations()
        .forEach(
            violation -> text.append("  %6s  %s%n".formatted(when(violation.spot()), violation)));
  }

  /** A dash for what no event shows. */
  private String when(Spot spot) {
    return histories.stream()
        .filter(history -> history.process() == spot.process())
        .findFirst()
        .map(history -> history.events().get(spot.event()).at())
        .map(at -> "%.1f".formatted(seconds(at.ns())))
        .orElse("-");
  }

  private double seconds(long ns) {
    return (ns - startNs) / 1e9;
  }
}
