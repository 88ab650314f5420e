package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.placement.HomePlanner;
import io.tidelog.metadata.placement.HotNode;
import io.tidelog.metadata.placement.LogClass;
import io.tidelog.metadata.placement.LogPlanner;
import io.tidelog.metadata.placement.NewLogs;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** In which logs new partitions live; memory only. A class without logs gets its first ones. */
final class LogChooser {

  /** Logs made together with a topic: they fit into its transaction; others follow later. */
  static final int MAX_FIRST_LOGS = 100;

  private final LogPlanner planner;
  private final RandomGenerator random;

  LogChooser(int logsPerNode, RandomGenerator random) {
    this.planner = new LogPlanner(logsPerNode);
    this.random = random;
  }

  /**
   * @param newLogs to be made with the partitions, or null
   */
  record Choice(PartitionHomes homes, @Nullable NewLogs newLogs) {}

  /**
   * The class of the logs a topic lives in.
   *
   * @throws Fault.Retriable when the picture does not show them
   */
  static LogClass classOf(ClusterView cluster, TopicImage topic) {
    var home = topic.homes().home(0);
    var log = cluster.log(home);
    if (log == null) {
      throw new Fault.Retriable("log " + home + " of topic " + topic.name() + " is not known yet");
    }
    return LogClass.of(log);
  }

  /**
   * Spreads partitions over the logs of a class.
   *
   * @param present homes the topic has already
   */
  Choice choose(
      ClusterView cluster,
      LogClass logClass,
      int count,
      List<PartitionHomes.Run> present,
      PartitionsUnderWay underWay) {
    var logs = logsOf(cluster, logClass);
    if (!logs.isEmpty()) {
      return new Choice(
          HomePlanner.spread(count, wanted(cluster, logs), present, load(cluster, underWay)), null);
    }
    var nodes = HotNode.of(cluster.registrations());
    var added =
        planner.plan(
            logClass, nodes, logs, () -> new LogId(KafkaUuid.random(random)), MAX_FIRST_LOGS);
    if (added.isEmpty()) {
      throw ReplicaPlanner.tooManyReplicas(logClass.replicas(), nodes.size());
    }
    return new Choice(
        HomePlanner.spread(count, added, present, log -> 0), NewLogs.of(cluster, logClass, added));
  }

  /**
   * Puts each partition into a log with the replicas asked for, the preferred leader first if there
   * is such a log.
   */
  Choice chooseAssigned(
      ClusterView cluster,
      LogClass logClass,
      List<List<Integer>> assignments,
      PartitionsUnderWay underWay) {
    var logs = logsOf(cluster, logClass);
    var load = load(cluster, underWay);
    Map<LogId, Integer> added = new HashMap<>();
    PartitionHomes homes = null;
    for (var replicas : assignments) {
      var home =
          logs.stream()
              .filter(log -> new HashSet<>(log.replicas()).equals(new HashSet<>(replicas)))
              .min(
                  Comparator.<LogRecord>comparingInt(
                          log -> log.replicas().getFirst().equals(replicas.getFirst()) ? 0 : 1)
                      .thenComparingInt(
                          log -> load.applyAsInt(log.id()) + added.getOrDefault(log.id(), 0))
                      .thenComparing(log -> log.id().uuid()))
              .orElseThrow(() -> noLog(replicas, logClass));
      added.merge(home.id(), 1, Integer::sum);
      var one = PartitionHomes.inOneLog(1, home.id());
      homes = homes == null ? one : homes.append(one);
    }
    if (homes == null) {
      throw new IllegalArgumentException("no partition is assigned");
    }
    return new Choice(homes, null);
  }

  private static List<LogRecord> logsOf(ClusterView cluster, LogClass logClass) {
    return cluster.logs().stream().filter(log -> LogClass.of(log).equals(logClass)).toList();
  }

  /** Without those of nodes that are to go, unless there are no others. */
  private static List<LogRecord> wanted(ClusterView cluster, List<LogRecord> logs) {
    var drains = cluster.members().drains();
    var staying = logs.stream().filter(log -> !drains.contains(log.replicas().getFirst())).toList();
    return staying.isEmpty() ? logs : staying;
  }

  private static ToIntFunction<LogId> load(ClusterView cluster, PartitionsUnderWay underWay) {
    return log -> cluster.partitionsByLog().getOrDefault(log, 0) + underWay.in(log);
  }

  private static Fault.Refused noLog(List<Integer> replicas, LogClass logClass) {
    return new Fault.Refused(
        Refusal.INVALID_REPLICA_ASSIGNMENT,
        "The manual partition assignment includes replicas "
            + replicas
            + ", which no segment log with min.insync.replicas="
            + logClass.minInSync()
            + " is on.");
  }
}
