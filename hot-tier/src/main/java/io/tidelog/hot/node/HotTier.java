package io.tidelog.hot.node;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.disk.FileLogDisk;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.replica.MoveParts;
import io.tidelog.hot.replica.ReplicaConfig;
import io.tidelog.hot.replica.ReplicaDriver;
import io.tidelog.hot.replica.ReplicaTransport;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.runtime.LocalSpace;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the copies of segment logs that the registry names this node for: opens what it is to hold,
 * gives up what it is not. A folder is deleted only when a record, read anew, names other nodes.
 * What cannot be opened is tried again after a while, for ever.
 */
public final class HotTier {

  private static final Logger LOG = LoggerFactory.getLogger(HotTier.class);
  private static final long RETRY_NS = 1_000_000_000L;
  private static final String DAMAGED = ".damaged";

  private final Parts parts;
  private final Lane lane;
  private final ServedLogs served = new ServedLogs();
  private final LocalSpace space;

  // Owned by the lane.
  private final Map<LogId, HeldLog> held = new HashMap<>();
  private Set<Integer> live = Set.of();
  private final Set<LogId> notOpened = new HashSet<>();
  private boolean isClosed;

  private volatile Copies copies = new Copies(List.of(), 0);

  private record Copies(List<ReplicaDriver> open, int notOpened) {}

  /**
   * What it is made of.
   *
   * @param folder a folder for each log is in it
   * @param self this node, and the disk that new logs of it are on
   * @param lane opens and closes logs, and may block for as long as that takes
   * @param random makes ids, and times at which replicas should not do the same
   * @param bootId as of {@link io.tidelog.hot.disk.KernelBootId}
   */
  public record Parts(
      Path folder,
      String clusterId,
      ReplicaId self,
      HotTierConfig log,
      ReplicaConfig replica,
      DelayGates gates,
      ReplicaTransport transport,
      LogRegistry registry,
      MoveParts moves,
      Clock clock,
      Lane lane,
      Supplier<RandomGenerator> random,
      String bootId,
      UUID incarnation) {}

  public HotTier(Parts parts) {
    this.parts = parts;
    this.lane = parts.lane();
    this.space = new LocalSpace(parts.log().limits().localMaxBytes());
  }

  /** What this node leads. */
  public ServedLogs served() {
    return served;
  }

  /** How what is held here stands; from any thread. */
  public CopyStats copies() {
    var now = copies;
    int full = 0;
    int broken = 0;
    for (var driver : now.open) {
      full += driver.isFull() ? 1 : 0;
      broken += driver.fault() == null ? 0 : 1;
    }
    return new CopyStats(now.open.size(), full, broken, now.notOpened);
  }

  private void publish() {
    copies = new Copies(held.values().stream().map(HeldLog::driver).toList(), notOpened.size());
  }

  /**
   * Opens the logs that the registry shows, and follows it from now on.
   *
   * @return completes when each of them was tried; fails with what one that could not be opened
   *     failed with, which is tried again all the same
   */
  public CompletionStage<Void> start() {
    parts.registry().onChange(record -> lane.execute(() -> lookAgain(record)));
    return CompletableFuture.completedFuture(parts.registry())
        .thenComposeAsync(this::openAll, lane);
  }

  private CompletionStage<Void> openAll(LogRegistry registry) {
    return CompletableFuture.allOf(
        registry.all().stream()
            .map(record -> look(record).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  /** Nodes that are alive, as their leases say. */
  public void onLive(Set<Integer> nodes) {
    lane.execute(
        () -> {
          live = Set.copyOf(nodes);
          held.values().forEach(log -> log.driver().onLive(live));
        });
  }

  private boolean names(LogRecord record) {
    int id = parts.self().nodeId();
    return record.replicas().contains(id)
        || record.inSync().stream().anyMatch(member -> member.nodeId() == id)
        || record.electable().stream().anyMatch(member -> member.nodeId() == id);
  }

  private void lookAgain(LogRecord record) {
    var unused =
        look(record)
            .whenComplete(
                (looked, failure) -> {
                  if (failure != null) {
                    LOG.error(
                        "log cannot be opened or given up, tried again, log={}",
                        record.id(),
                        failure);
                  }
                });
  }

  private CompletionStage<Void> look(LogRecord record) {
    var id = record.id();
    boolean isHere = held.containsKey(id) || Files.exists(folderOf(id));
    boolean isAsWanted = names(record) ? held.containsKey(id) : !isHere;
    return isClosed || isAsWanted
        ? CompletableFuture.completedStage(null)
        : parts.registry().read(id).thenAcceptAsync(read -> settle(id, read), lane);
  }

  /**
   * @param record as it is now, or null when it is gone
   */
  private void settle(LogId id, @Nullable LogRecord record) {
    if (isClosed || record == null) {
      return;
    }
    notOpened.remove(id);
    try {
      if (names(record)) {
        open(record);
      } else {
        giveUp(id);
      }
    } catch (IOException e) {
      comeBack(id);
      throw new Fault.Broken("log cannot be opened or given up, log=" + id, e);
    } catch (Fault fault) {
      comeBack(id);
      throw fault;
    } finally {
      publish();
    }
  }

  private void comeBack(LogId id) {
    notOpened.add(id);
    var unused =
        lane.executeAt(
            parts.clock().monotonicNs() + RETRY_NS,
            () -> {
              var record = parts.registry().find(id);
              if (record != null) {
                lookAgain(record);
              }
            });
  }

  private void open(LogRecord record) throws IOException {
    if (held.containsKey(record.id())) {
      return;
    }
    HeldLog log;
    try {
      log = HeldLog.open(parts, served, space, openFolder(record.id()), record);
    } catch (Fault.Broken broken) {
      if (!isElsewhere(record) || !LogOpener.isDamage(broken)) {
        throw broken;
      }
      LOG.error("log is damaged here and is filled again, log={}", record.id(), broken);
      setAside(record.id());
      log = HeldLog.open(parts, served, space, openFolder(record.id()), record);
    }
    held.put(record.id(), log);
    log.driver().onLive(live);
    log.start();
  }

  /** Whether another copy has everything that is committed. */
  private boolean isElsewhere(LogRecord record) {
    return record.inSync().stream().anyMatch(member -> member.nodeId() != parts.self().nodeId());
  }

  private Path folderOf(LogId id) {
    return parts.folder().resolve(id.toString());
  }

  private LogDisk openFolder(LogId id) throws IOException {
    return FileLogDisk.open(folderOf(id));
  }

  /** Keeps what is damaged, the last of it, for whoever wants to know. */
  private void setAside(LogId id) throws IOException {
    var aside = parts.folder().resolve(id + DAMAGED);
    delete(aside);
    Files.move(folderOf(id), aside, StandardCopyOption.ATOMIC_MOVE);
  }

  private void giveUp(LogId id) throws IOException {
    var log = held.remove(id);
    LOG.info("log is held by other nodes and given up here, log={}", id);
    if (log != null) {
      log.close();
    }
    space.forget(id);
    delete(folderOf(id));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var paths = Files.walk(folder)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /**
   * Asks others to take over what is led here, each log another one in turn, and not to wait for
   * this node where they lead.
   *
   * @return completes when nothing is led here that another could lead, and nobody waits for this
   *     node who has enough in-sync replicas without it; bounded by the caller
   */
  public CompletionStage<Void> handOver() {
    var done = new CompletableFuture<Void>();
    lane.execute(() -> handOver(List.copyOf(served.logs()), parts.clock().monotonicNs(), done));
    return done;
  }

  /** Whom a log was offered to is asked again; when it does not take it in time, the next one. */
  private void handOver(List<LogId> led, long sinceNs, CompletableFuture<Void> done) {
    boolean isLeft = false;
    int given = (int) ((parts.clock().monotonicNs() - sinceNs) / parts.replica().silenceNs());
    for (int i = 0; i < led.size(); i++) {
      var log = held.get(led.get(i));
      if (log != null && served.logs().contains(led.get(i)) && mayLeadElsewhere(led.get(i))) {
        log.driver().handOver(i + given);
        log.driver().leave(); // not to come in sync again before the end
        isLeft = true;
      }
    }
    // What is led here goes first: nobody can append to it until another one leads.
    boolean isTurnOfOthers = !isLeft || given > 0;
    for (var entry : held.entrySet()) {
      if (isTurnOfOthers && isWaitedFor(entry.getKey())) {
        entry.getValue().driver().leave();
        isLeft = true;
      }
    }
    if (!isLeft || done.isDone()) {
      done.complete(null);
      return;
    }
    var unused =
        lane.executeAt(
            parts.clock().monotonicNs() + parts.replica().tickNs(),
            () -> handOver(led, sinceNs, done));
  }

  private boolean isWaitedFor(LogId id) {
    var record = parts.registry().find(id);
    int self = parts.self().nodeId();
    return record != null
        && record.leader() != self
        && live.contains(record.leader())
        && record.inSync().size() > record.minInSync()
        && record.inSync().stream().anyMatch(member -> member.nodeId() == self);
  }

  private boolean mayLeadElsewhere(LogId id) {
    var record = parts.registry().find(id);
    return record != null
        && record.inSync().stream()
            .anyMatch(
                member ->
                    member.nodeId() != parts.self().nodeId() && live.contains(member.nodeId()));
  }

  /** Saves what there is and lets go of every folder; completes on the lane. */
  public CompletionStage<Void> close() {
    var done = new CompletableFuture<Void>();
    lane.execute(
        () -> {
          isClosed = true;
          held.values().forEach(HeldLog::close);
          held.clear();
          publish();
          done.complete(null);
        });
    return done;
  }
}
