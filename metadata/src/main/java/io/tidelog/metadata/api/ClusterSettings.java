package io.tidelog.metadata.api;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings of a node as a member of a cluster, which may have no other. */
public final class ClusterSettings {

  /** As {@link #NODE_ID}: one is allocated. */
  public static final int ALLOCATED = -1;

  public static final Setting<Integer> NODE_ID =
      Setting.ofInt(
          "node.id",
          ALLOCATED,
          Bounds.between(ALLOCATED, Integer.MAX_VALUE),
          "",
          "Id of this node in a cluster; -1 takes the one kept in its data folder or under its name,"
              + " or a new one. Set it when other tools know the nodes by their ids.");

  public static final Setting<String> NODE_NAME =
      Setting.ofString(
          "tidelog.node.name",
          "",
          "Name under which a gateway's id is kept in the cluster, so that it has the same one after"
              + " a restart; empty means the address it tells its clients. Set it when that address"
              + " changes.");

  public static final Setting<String> RACK =
      Setting.ofString(
          "broker.rack",
          "",
          "Rack or zone of this node in a cluster; the replicas of a log are spread over racks."
              + " Empty means tidelog.zone.");

  public static final Setting<String> ZONE =
      Setting.ofString(
          "tidelog.zone",
          "",
          "Zone of this node in a cluster, as clients name theirs in client.rack. Empty means none.");

  public static final Setting<Integer> SESSION_TIMEOUT_MS =
      Setting.ofInt(
          "broker.session.timeout.ms",
          9000,
          Bounds.between(1000, 3_600_000),
          "ms",
          "A node of a cluster that is not heard of for so long counts as dead. Raise it when nodes"
              + " pause for longer; failover takes longer with it.");

  public static final Setting<Integer> HEARTBEAT_INTERVAL_MS =
      Setting.ofInt(
          "broker.heartbeat.interval.ms",
          2000,
          Bounds.between(100, 3_600_000),
          "ms",
          "How often a node of a cluster says that it is alive; below a third of"
              + " broker.session.timeout.ms.");

  public static final Setting<Integer> RECONCILE_INTERVAL_MS =
      Setting.ofInt(
          "tidelog.metadata.reconcile.interval.ms",
          5000,
          Bounds.between(500, 3_600_000),
          "ms",
          "How often a node of a cluster reads what it follows in etcd anew, as its watch may lose"
              + " something. Raise it when etcd is busy with ranges.");

  public static final Setting<Integer> COMPACTION_INTERVAL_MS =
      Setting.ofInt(
          "tidelog.metadata.compaction.interval.ms",
          300_000,
          Bounds.between(0, 86_400_000),
          "ms",
          "How often the controller of a cluster has etcd forget what was superseded before the last"
              + " time, so that its database does not fill; 0 leaves that to etcd's own"
              + " auto-compaction. Set it to 0 when others who share the etcd need its history.");

  public static final Setting<Integer> LOGS_PER_NODE =
      Setting.ofInt(
          "tidelog.logs.per.node",
          2,
          Bounds.between(1, 64),
          "",
          "Segment logs that each hot node of a cluster leads for each pair of replication factor"
              + " and min.insync.replicas; a node that keeps its metadata itself has one unless"
              + " told. More spread a dead node's load over more nodes and cost a"
              + " stream of syncs each.");

  public static final Setting<Integer> MAX_LOG_MOVES =
      Setting.ofInt(
          "tidelog.log.moves.max",
          2,
          Bounds.between(1, 1000),
          "",
          "Segment logs of a cluster that change a replica at one time, when a node comes or is"
              + " drained. Raise it to be done sooner, at the cost of what clients get.");

  public static final Setting<Integer> MAX_PARTITION_MOVES =
      Setting.ofInt(
          "tidelog.partition.moves.max",
          16,
          Bounds.between(1, 10_000),
          "",
          "Partitions of a cluster that are copied to another segment log at one time, the first"
              + " that were asked for; others wait. Raise it to be done sooner, at the cost of what"
              + " clients get.");

  public static final Setting<Long> PARTITION_MOVE_TIMEOUT_MS =
      Setting.ofLong(
          "tidelog.partition.move.leader.timeout.ms",
          600_000,
          Bounds.atLeast(1_000),
          "ms",
          "A partition's move to another segment log is taken back when one of the two logs has had"
              + " no leader for so long. Raise it when nodes are away for longer.");

  public static final Setting<Integer> MAX_LOGS_PER_NODE =
      Setting.ofInt(
          "tidelog.node.logs.max",
          64,
          Bounds.between(1, 10_000),
          "",
          "A hot node that holds so many segment logs gets no further one by a reassignment of"
              + " partitions, which is refused. Raise it when partitions are to have many different"
              + " sets of replicas, each of which takes a log and a stream of syncs.");

  public static final Setting<Boolean> LEADER_REBALANCE =
      Setting.ofBoolean(
          "auto.leader.rebalance.enable",
          true,
          "Gives the lead of a log back to its preferred replica when that is in sync again.");

  public static final Setting<Integer> LEADER_CHECK_SECONDS =
      Setting.ofInt(
          "leader.imbalance.check.interval.seconds",
          300,
          Bounds.between(1, 86_400),
          "s",
          "How long a log is led by another than its preferred replica before the lead is given"
              + " back.");

  public static final Setting<Long> NAME_RETENTION_MS =
      Setting.ofLong(
          "tidelog.node.name.retention.ms",
          604_800_000,
          Bounds.atLeast(60_000),
          "ms",
          "How long the id of a gateway that is not alive is kept under its name. Lower it when"
              + " gateways come and go under ever new names.");

  private ClusterSettings() {}

  /** The rack of the node with this configuration file, else its zone, else null. */
  public static @Nullable String rackOf(Map<String, String> file) {
    var rack = file.getOrDefault(RACK.name(), "").strip();
    var zone = file.getOrDefault(ZONE.name(), "").strip();
    var either = rack.isEmpty() ? zone : rack;
    return either.isEmpty() ? null : either;
  }

  /**
   * What a configuration file says.
   *
   * @throws io.tidelog.core.Fault.Refused {@code INVALID_CONFIG}
   */
  public static <T> T value(Setting<T> setting, Map<String, String> file) {
    return setting.parse(file.getOrDefault(setting.name(), setting.defaultText()));
  }

  /** In the order of the reference. */
  public static List<Setting<?>> all() {
    return List.of(
        NODE_ID,
        NODE_NAME,
        RACK,
        ZONE,
        SESSION_TIMEOUT_MS,
        HEARTBEAT_INTERVAL_MS,
        RECONCILE_INTERVAL_MS,
        COMPACTION_INTERVAL_MS,
        LOGS_PER_NODE,
        MAX_LOG_MOVES,
        MAX_PARTITION_MOVES,
        PARTITION_MOVE_TIMEOUT_MS,
        MAX_LOGS_PER_NODE,
        LEADER_REBALANCE,
        LEADER_CHECK_SECONDS,
        NAME_RETENTION_MS);
  }
}
