package io.tidelog.chaos;

import io.tidelog.chaos.check.Checker;
import io.tidelog.chaos.check.TopicRule;
import io.tidelog.chaos.client.Workload;
import io.tidelog.chaos.cluster.Cluster;
import io.tidelog.chaos.copy.CopyCheck;
import io.tidelog.chaos.fault.FaultKind;
import io.tidelog.chaos.fault.FaultKind.Need;
import io.tidelog.chaos.fault.Nemesis;
import io.tidelog.chaos.fault.Schedule;
import io.tidelog.chaos.history.ClientHistory;
import io.tidelog.chaos.history.Event;
import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.report.Gaps;
import io.tidelog.chaos.report.RunReport;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Pause;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One run: starts a cluster and its clients, breaks and heals it as the seed says, lets the clients
 * end, reads everything, judges.
 */
final class ChaosRun {

  private static final long WARM_UP_MS = 8_000;
  private static final long SETTLE_MS = 10_000;
  private static final long LONG_MS = 60_000;
  private static final long LOOK_MS = 500;
  private static final long MOVES_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

  private final Network network;
  private final Cluster cluster;
  private final Path folder;
  private final Wish wish;
  private final Consumer<String> log;

  /**
   * @param durationMs during which clients work
   * @param faults that may happen, those that are possible
   */
  record Wish(
      long seed,
      long durationMs,
      List<Workload> workloads,
      List<FaultKind> faults,
      int idlePartitions) {

    Wish {
      workloads = List.copyOf(workloads);
      faults = List.copyOf(faults);
    }
  }

  /**
   * @param cluster not started yet
   * @param folder for what clients write
   * @param log told what is done while it is done
   */
  ChaosRun(Network network, Cluster cluster, Path folder, Wish wish, Consumer<String> log) {
    this.network = network;
    this.cluster = cluster;
    this.folder = folder;
    this.wish = wish;
    this.log = log;
  }

  RunReport run() throws IOException {
    cluster.start(log);
    Topics.create(
        cluster.bootstrap(),
        wish.workloads(),
        wish.idlePartitions(),
        Math.min(3, cluster.nodes().size()));
    try (var clients = new ClientProcesses(network, folder, cluster.bootstrap(), wish.seed())) {
      long start = System.nanoTime();
      for (var workload : wish.workloads()) {
        for (int i = 0; i < workload.processes(); i++) {
          clients.start(workload);
        }
      }
      log.accept("clients work");
      Pause.ms(WARM_UP_MS);
      var nemesis = new Nemesis(network, cluster, prey(clients), log);
      breakAndHeal(nemesis, start);
      var problems = new ArrayList<>(clients.stop());
      problems.addAll(whatWasNotCold());
      log.accept("clients have ended; reading everything");
      Pause.ms(drainMs());
      problems.addAll(clients.readAll());
      nemesis.stillBroken().forEach(what -> problems.add("a minute after the end: " + what));
      stillMoving().forEach(what -> problems.add("long after the end: " + what));
      return judge(clients, nemesis, start, problems);
    }
  }

  /** Before the final reading, which reads everything wherever it is. */
  private List<String> whatWasNotCold() {
    if (cluster.objectStore() == null) {
      return List.of();
    }
    try {
      long loads = cluster.coldLoads();
      log.accept(loads + " chunks were read from the object store");
      boolean isToBeShown = wish.workloads().contains(Workload.W8) && isLong();
      return isToBeShown && loads == 0
          ? List.of("nothing was read from the object store while clients worked")
          : List.of();
    } catch (IOException e) {
      return List.of(e.getMessage());
    }
  }

  /** Whether what takes its time must have happened. */
  private boolean isLong() {
    return wish.durationMs() >= LONG_MS;
  }

  /** Moves that do not come to their end; waits for a while. */
  private List<String> stillMoving() throws IOException {
    long start = System.nanoTime();
    while (true) {
      var moving = moving();
      if (moving.isEmpty() || System.nanoTime() - start > MOVES_TIMEOUT_NS) {
        return moving;
      }
      Pause.ms(LOOK_MS);
    }
  }

  private List<String> moving() {
    try {
      return cluster.roles().moving();
    } catch (IOException e) {
      return List.of("nobody says what moves: " + e.getMessage());
    }
  }

  private void breakAndHeal(Nemesis nemesis, long start) throws IOException {
    var possible = possible();
    if (!possible.isEmpty()) {
      long forMs = wish.durationMs() - WARM_UP_MS - SETTLE_MS;
      nemesis.run(
          Schedule.deal(wish.seed(), possible, forMs), System.nanoTime() + forMs * 1_000_000);
    }
    long left = wish.durationMs() - (System.nanoTime() - start) / 1_000_000;
    Pause.ms(Math.max(0, left));
  }

  private List<FaultKind> possible() {
    var available = available();
    return wish.faults().stream().filter(kind -> kind.isPossible(available)).toList();
  }

  private Set<Need> available() {
    var available = EnumSet.noneOf(Need.class);
    if (!cluster.etcd().isEmpty()) {
      available.add(Need.ETCD);
    }
    if (cluster.objectStore() != null) {
      available.add(Need.STORE);
      // Kafka's nodes keep votes on the same disk, which nobody else has.
      available.add(Need.REPAIR);
    }
    if (!cluster.gateways().isEmpty()) {
      available.add(Need.GATEWAY);
    }
    if (cluster.smallDisk() != null) {
      available.add(Need.SMALL_DISK);
    }
    if (wish.workloads().contains(Workload.W5)) {
      available.add(Need.GROUP);
      available.add(Need.CLIENT);
    }
    return available;
  }

  private Nemesis.Prey prey(ClientProcesses clients) {
    var topics =
        wish.workloads().stream().flatMap(each -> each.topics().keySet().stream()).toList();
    var uploading =
        wish.workloads().contains(Workload.W8)
            ? List.copyOf(Workload.W8.topics().keySet())
            : topics;
    var groups = wish.workloads().stream().flatMap(each -> each.groups().stream()).toList();
    return new Nemesis.Prey(topics, uploading, groups, clients::replaceOne);
  }

  private long drainMs() {
    return SETTLE_MS + wish.workloads().stream().mapToLong(Workload::drainMs).max().orElse(0);
  }

  private RunReport judge(
      ClientProcesses clients, Nemesis nemesis, long start, List<String> problems)
      throws IOException {
    var histories = clients.histories();
    var rules = new HashMap<String, TopicRule>();
    for (var workload : wish.workloads()) {
      workload.topics().keySet().forEach(topic -> rules.put(topic, workload.rule(topic)));
    }
    var copies = compareCopies(problems);
    log.accept("judging");
    problems.addAll(whatShowsNothing(nemesis, histories));
    var verdict = Checker.check(histories, rules).with(copies.violations());
    return new RunReport(title(), start, nemesis.faults(), histories, problems, verdict);
  }

  /** Ends all nodes, at a moment when each has what the others have. */
  private CopyCheck compareCopies(List<String> problems) throws IOException {
    for (var node : cluster.nodes()) {
      node.kill();
    }
    var copies = CopyCheck.of(cluster.copies());
    log.accept(
        "compared %d logs that several nodes hold, %d bytes"
            .formatted(copies.logs(), copies.comparedBytes()));
    if (cluster.copies().size() > 1 && copies.comparedBytes() == 0) {
      problems.add("no two nodes had anything of a log that could be compared");
    }
    return copies;
  }

  /** A run without faults or without acknowledgements keeps every promise, and proves none. */
  private List<String> whatShowsNothing(Nemesis nemesis, List<ClientHistory> histories) {
    var problems = new ArrayList<String>();
    nemesis.endedByThemselves().forEach(server -> problems.add(server + " ended by itself"));
    if (nemesis.faults().isEmpty() && !possible().isEmpty()) {
      problems.add("nothing was broken");
    }
    Gaps.of(histories, nemesis.faults())
        .forEach(
            (kind, gaps) -> {
              if (gaps.unserved() > 0) {
                problems.add(gaps.unserved() + " partitions took nothing more after " + kind);
              }
            });
    for (var workload : wish.workloads()) {
      boolean mayShowNothing = workload == Workload.W10 && !isLong();
      if (!mayShowNothing && !hasAcknowledged(histories, workload)) {
        problems.add(workload + " was acknowledged nothing");
      }
    }
    return problems;
  }

  private static boolean hasAcknowledged(List<ClientHistory> histories, Workload workload) {
    return histories.stream()
        .filter(history -> history.workload().equals(workload.name()))
        .flatMap(history -> history.events().stream())
        .anyMatch(
            event ->
                (event instanceof Event.SendDone sent && sent.outcome() == Outcome.OK)
                    || (event instanceof Event.TopicDone done && done.outcome() == Outcome.OK)
                    || (event instanceof Event.MoveDone moved && moved.outcome() == Outcome.OK));
  }

  private String title() {
    return "%s: %d nodes, %d gateways, %d etcd; seed %d, %d s, workloads %s; network: %s"
        .formatted(
            cluster.title(),
            cluster.nodes().size(),
            cluster.gateways().size(),
            cluster.etcd().size(),
            wish.seed(),
            wish.durationMs() / 1_000,
            wish.workloads().stream().map(Workload::name).collect(Collectors.joining(",")),
            network.title());
  }
}
