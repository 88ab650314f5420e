package io.tidelog.chaos.fault;

import io.tidelog.chaos.cluster.Cluster;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Pause;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Does to a cluster what a schedule says, and takes it back. One thread. */
public final class Nemesis {

  private static final long STOP_TIMEOUT_MS = 20_000;
  private static final long LOOK_MS = 250;
  private static final long WHOLE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

  private final Network network;
  private final Cluster cluster;
  private final Prey prey;
  private final Consumer<String> log;
  private final List<Fault> faults = new ArrayList<>();
  private final Set<String> endedByThemselves = new TreeSet<>();
  private final Set<Server> meantToBeDown = new HashSet<>();

  /**
   * What faults are aimed at.
   *
   * @param topics whose partitions' leaders are hit
   * @param uploading of these, those whose leaders upload most
   * @param groups whose coordinators are hit
   * @param killClient kills a client and starts another in its place; says which
   */
  public record Prey(
      List<String> topics, List<String> uploading, List<String> groups, ClientKiller killClient) {}

  /** Kills one of the clients, and starts another. */
  public interface ClientKiller {

    /**
     * @param dice chooses which
     */
    String kill(int dice) throws IOException;
  }

  /** Who is hit, and why. */
  private record Target(Server server, String role) {

    @Override
    public String toString() {
      return server.name() + " (" + role + ")";
    }
  }

  /** Takes a fault back. */
  private interface Healing {
    void heal() throws IOException;
  }

  public Nemesis(Network network, Cluster cluster, Prey prey, Consumer<String> log) {
    this.network = network;
    this.cluster = cluster;
    this.prey = prey;
    this.log = log;
  }

  /**
   * Runs the schedule as far as the time allows; all is healed when it returns.
   *
   * @param untilNs no fault is begun that would last longer, on the monotonic clock
   */
  public void run(List<Step> steps, long untilNs) throws IOException {
    for (var step : steps) {
      long endNs = System.nanoTime() + (step.lastsMs() + step.quietMs()) * 1_000_000;
      if (endNs - untilNs > 0) {
        return;
      }
      run(step);
      rest(step.quietMs());
    }
  }

  /** More at once than a cluster is made for would be no fault of it. When it was whole again. */
  private long awaitWhole() throws IOException {
    long start = System.nanoTime();
    var missing = missing();
    while (!missing.isEmpty()) {
      if (System.nanoTime() - start > WHOLE_TIMEOUT_NS) {
        log.accept("not whole: " + String.join("; ", missing));
        return Fault.NEVER;
      }
      rest(LOOK_MS);
      missing = missing();
    }
    return System.nanoTime();
  }

  private List<String> missing() {
    var missing = new ArrayList<String>();
    for (var server : cluster.servers()) {
      try {
        if (!cluster.isServing(server)) {
          missing.add(server.name() + " does not serve");
        }
      } catch (IOException notYet) {
        missing.add(server.name() + " does not serve");
      }
    }
    if (missing.isEmpty()) {
      try {
        missing.addAll(cluster.roles().behind(prey.topics()));
      } catch (IOException notYet) {
        missing.add(notYet.getMessage());
      }
    }
    return missing;
  }

  /** What is not as it was before the first fault; waits until nothing is, for a while. */
  public List<String> stillBroken() throws IOException {
    return awaitWhole() == Fault.NEVER ? missing() : List.of();
  }

  /** What was done. */
  public List<Fault> faults() {
    return List.copyOf(faults);
  }

  /** Servers that ended without having been killed; they were started again. */
  public Set<String> endedByThemselves() {
    return endedByThemselves;
  }

  private void run(Step step) throws IOException {
    var leaders = leaders();
    var targets = targets(step, leaders);
    var hit = hit(step.kind(), targets, leaders);
    var names = String.join(" and ", targets.stream().map(Target::toString).toList());
    log.accept(step.kind().word() + " " + names);
    long start = System.nanoTime();
    var healing = strike(step, targets);
    rest(step.lastsMs());
    healing.heal();
    meantToBeDown.clear();
    log.accept("healed");
    long healed = System.nanoTime();
    faults.add(new Fault(step.kind(), names, start, healed, awaitWhole(), hit));
  }

  /** Waits, and starts again what ended by itself meanwhile, as an operator's supervisor would. */
  private void rest(long ms) throws IOException {
    long until = System.nanoTime() + ms * 1_000_000;
    while (System.nanoTime() - until < 0) {
      Pause.ms(LOOK_MS);
      for (var server : cluster.servers()) {
        if (!server.isRunning() && !meantToBeDown.contains(server)) {
          endedByThemselves.add(server.name());
          log.accept(server.name() + " ended by itself; starting it again");
          server.start();
        }
      }
    }
  }

  private Map<Place, Server> leaders() {
    try {
      return cluster.roles().leaders(prey.topics());
    } catch (IOException e) {
      log.accept("nobody says who leads: " + e.getMessage());
      return new TreeMap<>();
    }
  }

  private List<Target> targets(Step step, Map<Place, Server> leaders) throws IOException {
    return switch (step.kind()) {
      case KILL_LEADER, STOP_LEADER, PAUSE_LEADER, ISOLATE_LEADER, MUTE_LEADER, DEAFEN_LEADER ->
          List.of(leader(step, leaders, prey.topics()));
      case CUT_FROM_ETCD -> List.of(leader(step, leaders, prey.topics()));
      case CUT_FROM_STORE -> List.of(leader(step, leaders, prey.uploading()));
      case KILL_CONTROLLER ->
          List.of(target(step, cluster.roles()::controller, cluster.nodes(), "controller"));
      case KILL_COORDINATOR, PAUSE_COORDINATOR -> {
        var group = prey.groups().get(step.dice() % prey.groups().size());
        yield List.of(
            target(
                step,
                () -> cluster.roles().coordinator(group),
                cluster.nodes(),
                "coordinator of " + group));
      }
      case KILL_GATEWAY, PAUSE_GATEWAY -> List.of(any(step, cluster.gateways(), "gateway"));
      case KILL_ETCD_LEADER, PAUSE_ETCD_LEADER -> List.of(etcdLeader(step));
      case KILL_BOTH_LEADERS -> List.of(leader(step, leaders, prey.topics()), etcdLeader(step));
      case KILL_ALL -> all(cluster.nodes(), "node");
      case ETCD_OUTAGE -> all(cluster.etcd(), "etcd");
      case STORE_OUTAGE ->
          Optional.ofNullable(cluster.objectStore()).stream()
              .map(store -> new Target(store, "object store"))
              .toList();
      case FILL_DISK ->
          Optional.ofNullable(cluster.smallDisk()).stream()
              .map(node -> new Target(node, "small disk"))
              .toList();
      case WIPE_DISK -> List.of(any(step, cluster.nodes(), "node"));
      case CUT_PAIR -> {
        var first = leader(step, leaders, prey.topics());
        var rest = cluster.nodes().stream().filter(node -> node != first.server()).toList();
        yield List.of(first, any(step, rest, "node"));
      }
      case KILL_CLIENT -> List.of();
    };
  }

  private Target etcdLeader(Step step) {
    return target(step, cluster.roles()::etcdLeader, cluster.etcd(), "etcd leader");
  }

  private Target leader(Step step, Map<Place, Server> leaders, Collection<String> topics) {
    var led =
        leaders.entrySet().stream().filter(each -> topics.contains(each.getKey().topic())).toList();
    if (led.isEmpty()) {
      return any(step, cluster.nodes(), "node, as nobody leads");
    }
    var chosen = led.get(step.dice() % led.size());
    return new Target(chosen.getValue(), "leads " + chosen.getKey());
  }

  private interface Question {
    Optional<Server> ask() throws IOException;
  }

  private Target target(Step step, Question question, List<Server> otherwise, String role) {
    try {
      var server = question.ask();
      if (server.isPresent()) {
        return new Target(server.get(), role);
      }
    } catch (IOException e) {
      log.accept("nobody says which is the " + role + ": " + e.getMessage());
    }
    return any(step, otherwise, "any, not known as " + role);
  }

  private static Target any(Step step, List<Server> among, String role) {
    return new Target(among.get(step.dice() % among.size()), role);
  }

  private static List<Target> all(List<Server> servers, String role) {
    return servers.stream().map(server -> new Target(server, role)).toList();
  }

  /** Those led by a node that is hit; all of them when it is not about single nodes. */
  private Set<Place> hit(FaultKind kind, List<Target> targets, Map<Place, Server> leaders) {
    if (kind == FaultKind.KILL_CLIENT) {
      return Set.of();
    }
    var places = new TreeSet<Place>();
    boolean isAboutNodes =
        targets.stream().anyMatch(target -> cluster.nodes().contains(target.server()));
    leaders.forEach(
        (place, leader) -> {
          if (!isAboutNodes || targets.stream().anyMatch(target -> target.server() == leader)) {
            places.add(place);
          }
        });
    return places;
  }

  private Healing strike(Step step, List<Target> targets) throws IOException {
    var servers = targets.stream().map(Target::server).toList();
    return switch (step.kind()) {
      case KILL_LEADER,
          KILL_CONTROLLER,
          KILL_COORDINATOR,
          KILL_GATEWAY,
          KILL_ALL,
          KILL_ETCD_LEADER,
          KILL_BOTH_LEADERS,
          STORE_OUTAGE ->
          kill(servers);
      case STOP_LEADER -> stop(servers);
      case WIPE_DISK -> wipe(servers.getFirst());
      case PAUSE_LEADER, PAUSE_COORDINATOR, PAUSE_GATEWAY, PAUSE_ETCD_LEADER, ETCD_OUTAGE ->
          pause(servers);
      case ISOLATE_LEADER -> {
        var victim = servers.getFirst();
        yield cutBoth(victim.host(), everyoneElse(victim));
      }
      case MUTE_LEADER -> {
        var victim = servers.getFirst();
        yield cut(victim.host(), everyoneElse(victim));
      }
      case DEAFEN_LEADER -> cutFromAll(everyoneElse(servers.getFirst()), servers.getFirst().host());
      case CUT_PAIR -> cutBoth(servers.getFirst().host(), List.of(servers.getLast().host()));
      case CUT_FROM_ETCD ->
          cutBoth(servers.getFirst().host(), cluster.etcd().stream().map(Server::host).toList());
      case CUT_FROM_STORE ->
          cutBoth(
              servers.getFirst().host(),
              Optional.ofNullable(cluster.objectStore()).stream().map(Server::host).toList());
      case FILL_DISK -> fill(servers.getFirst());
      case KILL_CLIENT -> {
        log.accept(prey.killClient().kill(step.dice()));
        yield () -> {};
      }
    };
  }

  private List<Host> everyoneElse(Server victim) {
    return network.hosts().stream().filter(host -> !host.equals(victim.host())).toList();
  }

  private Healing kill(List<Server> servers) throws IOException {
    meantToBeDown.addAll(servers);
    for (var server : servers) {
      server.kill();
    }
    return () -> start(servers);
  }

  private Healing stop(List<Server> servers) throws IOException {
    meantToBeDown.addAll(servers);
    for (var server : servers) {
      if (!server.stop(STOP_TIMEOUT_MS)) {
        log.accept(server.name() + " did not stop within " + STOP_TIMEOUT_MS + " ms");
      }
    }
    return () -> start(servers);
  }

  private static void start(List<Server> servers) throws IOException {
    for (var server : servers) {
      if (!server.isRunning()) {
        server.start();
      }
    }
  }

  private Healing wipe(Server server) throws IOException {
    meantToBeDown.add(server);
    server.kill();
    Disks.wipe(cluster.disk(server));
    return () -> {
      cluster.prepareDisk(server);
      start(List.of(server));
    };
  }

  private static Healing pause(List<Server> servers) throws IOException {
    for (var server : servers) {
      server.pause();
    }
    return () -> {
      for (var server : servers) {
        if (server.isPaused()) {
          server.resume();
        }
      }
    };
  }

  private Healing cut(Host from, Collection<Host> to) throws IOException {
    network.cut(from, to);
    return () -> network.heal(from, to);
  }

  private Healing cutFromAll(Collection<Host> from, Host to) throws IOException {
    for (var host : from) {
      network.cut(host, List.of(to));
    }
    return () -> {
      for (var host : from) {
        network.heal(host, List.of(to));
      }
    };
  }

  private Healing cutBoth(Host one, Collection<Host> others) throws IOException {
    var there = cut(one, others);
    var back = cutFromAll(others, one);
    return () -> {
      there.heal();
      back.heal();
    };
  }

  private Healing fill(Server server) throws IOException {
    var balloon = Disks.fill(cluster.disk(server));
    return () -> Files.delete(balloon);
  }
}
