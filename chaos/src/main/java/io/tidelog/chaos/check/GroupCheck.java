package io.tidelog.chaos.check;

import io.tidelog.chaos.check.Observed.GroupPlace;
import io.tidelog.chaos.history.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What a group committed stays committed, covers nothing that no member was given, and comes from
 * one owner of the partition at a time.
 */
final class GroupCheck {

  private final Observed observed;
  private final GroupPlace where;
  private final Findings findings;

  GroupCheck(Observed observed, GroupPlace where, Findings findings) {
    this.observed = observed;
    this.where = where;
    this.findings = findings;
  }

  void run(FinalLog log) {
    checkFound();
    checkSkipped(log);
    checkOwners();
  }

  private void checkFound() {
    var register = observed.commits(where);
    for (var found : observed.found(where)) {
      var what =
          "found %s in %d ms"
              .formatted(found.found(), (found.doneNs() - found.invokedNs()) / 1_000_000);
      switch (register.judge(found.invokedNs(), found.doneNs(), found.found())) {
        case FINE -> {}
        case LOST -> findings.add(Anomaly.GROUP_OFFSET_LOST, where, what, found.spot());
        case REPLACED -> findings.add(Anomaly.GROUP_OFFSET_BACK, where, what, found.spot());
        case PHANTOM -> findings.add(Anomaly.GROUP_OFFSET_PHANTOM, where, what, found.spot());
      }
    }
  }

  private void checkSkipped(FinalLog log) {
    var given = new HashSet<Long>();
    observed
        .seen(where.place())
        .forEach(
            (session, all) -> {
              if (session.reading() == Reading.GROUP && session.group().equals(where.group())) {
                for (var seen : all) {
                  if (seen instanceof Seen.Record read) {
                    given.add(read.offset());
                  }
                }
              }
            });
    observed.commits(where).writes().stream()
        .filter(Commit::isOk)
        .max(Comparator.comparingLong(Commit::value))
        .ifPresent(
            highest -> {
              for (long offset : log.values().keySet()) {
                if (offset < highest.value() && !given.contains(offset)) {
                  findings.add(
                      Anomaly.GROUP_SKIPPED,
                      where,
                      "committed " + highest.value() + ", nobody was given " + offset,
                      highest.spot());
                }
              }
            });
  }

  /**
   * A member that was paused may believe for long that it owns a partition; what it may not do is
   * commit for it after another was given it.
   */
  private void checkOwners() {
    var begins = new ArrayList<Seen.Begin>();
    Map<Session, List<Seen.Begin>> ofSession = new HashMap<>();
    observed
        .seen(where.place())
        .forEach(
            (session, all) -> {
              if (session.reading() == Reading.GROUP && session.group().equals(where.group())) {
                for (var seen : all) {
                  if (seen instanceof Seen.Begin begin) {
                    begins.add(begin);
                    ofSession.computeIfAbsent(session, key -> new ArrayList<>()).add(begin);
                  }
                }
              }
            });
    for (var commit : observed.commits(where).writes()) {
      if (commit.isOk() && commit.writer() instanceof Session owner) {
        checkOwner(owner, commit, ofSession.getOrDefault(owner, List.of()), begins);
      }
    }
  }

  private void checkOwner(
      Session owner, Commit commit, List<Seen.Begin> own, List<Seen.Begin> all) {
    long since =
        own.stream()
            .mapToLong(Seen.Begin::atNs)
            .filter(at -> at < commit.invokedNs())
            .max()
            .orElse(Long.MIN_VALUE);
    for (var other : all) {
      if (!other.session().equals(owner)
          && other.atNs() > since
          && other.atNs() < commit.invokedNs()) {
        findings.add(
            Anomaly.TWO_OWNERS,
            where,
            "%s committed %d, %d ms after %s was given the partition, %s"
                .formatted(
                    owner,
                    commit.value(),
                    (commit.invokedNs() - other.atNs()) / 1_000_000,
                    other.session(),
                    other.spot()),
            commit.spot());
        return;
      }
    }
  }
}
