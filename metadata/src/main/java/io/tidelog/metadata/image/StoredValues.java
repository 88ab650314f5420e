package io.tidelog.metadata.image;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.InternalTopics;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** The values under {@link Keys}, to bytes and back; pure. */
public final class StoredValues {

  /** In place of what version 1 did not keep. */
  public static final UUID UNKNOWN = new UUID(0, 0);

  private static final int VERSION = 1;
  private static final int TOPIC_VERSION = 2;
  private static final int NODE_VERSION = 2;
  private static final int LOG_VERSION = 2;

  private StoredValues() {}

  /**
   * A topic; its partitions' homes as runs over a table of logs, whatever their number. A move that
   * begins with this value has its revision as epoch, which nobody knows before it is stored.
   */
  public static byte[] topic(TopicImage topic) {
    var homes = topic.homes();
    var logs = new LinkedHashSet<LogId>();
    homes.runs().forEach(run -> logs.add(run.log()));
    homes.moves().values().forEach(move -> logs.add(move.to()));
    Map<LogId, Integer> places = new HashMap<>();
    logs.forEach(log -> places.put(log, places.size()));
    var out = new ValueWriter(TOPIC_VERSION).putUuid(topic.id()).putMap(topic.configs());
    out.putList(List.copyOf(logs), (to, log) -> to.putUuid(log.uuid()));
    out.putList(
        homes.runs(),
        (to, run) ->
            to.putInt(run.count()).putInt(placeOf(run.log(), places)).putInt(run.baseEpoch()));
    out.putInt(homes.moves().size());
    homes
        .moves()
        .forEach(
            (partition, move) ->
                out.putInt(partition).putInt(placeOf(move.to(), places)).putLong(move.epoch()));
    return out.toBytes();
  }

  private static int placeOf(LogId log, Map<LogId, Integer> places) {
    return Objects.requireNonNull(places.get(log));
  }

  public static TopicImage topic(Entry entry, TopicDefaults defaults) {
    var name = entry.key().substring(Keys.TOPICS.length());
    return ValueReader.read(
        entry,
        TOPIC_VERSION,
        in -> {
          var id = in.getUuid();
          var configs = in.getMap();
          var table = in.getList(item -> new LogId(item.getUuid()));
          var runs =
              in.getList(
                  item -> {
                    int count = item.getInt();
                    return new PartitionHomes.Run(
                        count, logAt(item.getInt(), table), item.getInt());
                  });
          var moves =
              in.version() == 1
                  ? new TreeMap<Integer, PartitionHomes.Move>()
                  : moves(in, table, entry.modRevision());
          return new TopicImage(
              name,
              id,
              configs,
              InternalTopics.isInternal(name),
              new PartitionHomes(runs, moves),
              defaults.effective(configs),
              entry.modRevision());
        });
  }

  private static SortedMap<Integer, PartitionHomes.Move> moves(
      ValueReader in, List<LogId> table, long modRevision) {
    var moves = new TreeMap<Integer, PartitionHomes.Move>();
    for (int left = in.getInt(); left > 0; left--) {
      int partition = in.getInt();
      var to = logAt(in.getInt(), table);
      long epoch = in.getLong();
      boolean begins = epoch == PartitionHomes.Move.BEGINS;
      moves.put(partition, new PartitionHomes.Move(to, begins ? modRevision : epoch));
    }
    return moves;
  }

  private static LogId logAt(int place, List<LogId> table) {
    if (place < 0 || place >= table.size()) {
      throw new IllegalArgumentException("log " + place + " of " + table.size());
    }
    return table.get(place);
  }

  /** Without the flag that says whether it is draining, which outlives the registration. */
  public static byte[] node(NodeRegistration node) {
    var out = new ValueWriter(NODE_VERSION).putInt(node.id());
    out.putList(List.copyOf(new TreeSet<>(node.roles())), (to, role) -> to.putText(role.name()));
    out.putOptional(node.client(), StoredValues::putEndpoint);
    putEndpoint(out, node.internal());
    out.putOptional(node.replication(), StoredValues::putEndpoint);
    out.putOptional(node.rack(), ValueWriter::putText).putUuid(node.incarnation());
    return out.putOptional(node.disk(), ValueWriter::putUuid).toBytes();
  }

  public static NodeRegistration node(Entry entry) {
    return ValueReader.read(
        entry,
        NODE_VERSION,
        in -> {
          int id = in.getInt();
          if (in.version() == 1) {
            return onlyNode(id, in);
          }
          var roles = Set.copyOf(in.getList(item -> NodeRole.valueOf(item.getText())));
          return new NodeRegistration(
              id,
              roles,
              in.getOptional(StoredValues::getEndpoint),
              getEndpoint(in),
              in.getOptional(StoredValues::getEndpoint),
              in.getOptional(ValueReader::getText),
              in.getUuid(),
              in.getOptional(ValueReader::getUuid),
              false);
        });
  }

  /** Version 1: the node of an embedded store, of which only its clients' address was kept. */
  private static NodeRegistration onlyNode(int id, ValueReader in) {
    var at = getEndpoint(in);
    var rack = in.getInt() == 1 ? in.getText() : null;
    return new NodeRegistration(
        id, Set.of(NodeRole.values()), at, at, null, rack, UNKNOWN, UNKNOWN, false);
  }

  private static void putEndpoint(ValueWriter out, Endpoint endpoint) {
    out.putText(endpoint.host()).putInt(endpoint.port());
  }

  private static Endpoint getEndpoint(ValueReader in) {
    var host = in.getText();
    return new Endpoint(host, in.getInt());
  }

  public static byte[] configs(Map<String, String> configs) {
    return new ValueWriter(VERSION).putMap(configs).toBytes();
  }

  public static Map<String, String> configs(Entry entry) {
    return ValueReader.read(entry, VERSION, in -> Map.copyOf(in.getMap()));
  }

  public static byte[] cluster(Cluster cluster) {
    var out = new ValueWriter(VERSION).putText(cluster.clusterId()).putInt(cluster.generation());
    return out.putInt(cluster.nextNodeId()).toBytes();
  }

  public static Cluster cluster(Entry entry) {
    return ValueReader.read(
        entry, VERSION, in -> new Cluster(in.getText(), in.getInt(), in.getInt()));
  }

  public static byte[] log(LogRecord log) {
    return new ValueWriter(LOG_VERSION)
        .putList(log.replicas(), ValueWriter::putInt)
        .putInt(log.minInSync())
        .putList(log.inSync(), StoredValues::putReplica)
        .putList(log.electable(), StoredValues::putReplica)
        .putInt(log.leader())
        .putLong(log.term())
        .toBytes();
  }

  public static LogRecord log(Entry entry) {
    var id = Keys.logOf(entry.key());
    return ValueReader.read(
        entry,
        LOG_VERSION,
        in ->
            in.version() == 1
                ? onlyLog(id, in.getInt(), in.getLong(), entry.modRevision())
                : new LogRecord(
                    id,
                    in.getList(ValueReader::getInt),
                    in.getInt(),
                    in.getList(StoredValues::getReplica),
                    in.getList(StoredValues::getReplica),
                    in.getInt(),
                    in.getLong(),
                    entry.modRevision()));
  }

  /** Version 1: the log of an embedded store's node, of which only leader and term were kept. */
  private static LogRecord onlyLog(LogId id, int nodeId, long term, long modRevision) {
    var inSync = List.of(new ReplicaId(nodeId, UNKNOWN));
    return new LogRecord(id, List.of(nodeId), 1, inSync, List.of(), nodeId, term, modRevision);
  }

  private static void putReplica(ValueWriter out, ReplicaId replica) {
    out.putInt(replica.nodeId()).putUuid(replica.diskId());
  }

  private static ReplicaId getReplica(ValueReader in) {
    int nodeId = in.getInt();
    return new ReplicaId(nodeId, in.getUuid());
  }

  /** The nodes that held a log before it was reassigned, the preferred leader first. */
  public static byte[] reassignment(List<Integer> before) {
    return new ValueWriter(VERSION).putList(before, ValueWriter::putInt).toBytes();
  }

  public static List<Integer> reassignment(Entry entry) {
    return ValueReader.read(entry, VERSION, in -> in.getList(ValueReader::getInt));
  }

  /** The nodes there were when an operator placed a log. */
  public static byte[] placement(List<Integer> nodes) {
    return new ValueWriter(VERSION).putList(nodes, ValueWriter::putInt).toBytes();
  }

  public static List<Integer> placement(Entry entry) {
    return ValueReader.read(entry, VERSION, in -> in.getList(ValueReader::getInt));
  }

  public static byte[] controller(Controller controller) {
    return new ValueWriter(VERSION)
        .putInt(controller.nodeId())
        .putUuid(controller.incarnation())
        .toBytes();
  }

  public static Controller controller(Entry entry) {
    return ValueReader.read(entry, VERSION, in -> new Controller(in.getInt(), in.getUuid()));
  }

  public static byte[] number(long number) {
    return new ValueWriter(VERSION).putLong(number).toBytes();
  }

  public static long number(Entry entry) {
    return ValueReader.read(entry, VERSION, ValueReader::getLong);
  }

  /**
   * What the cluster as a whole remembers.
   *
   * @param generation of the metadata, raised when it is exported elsewhere
   * @param nextNodeId the next node to come gets it
   */
  public record Cluster(String clusterId, int generation, int nextNodeId) {}

  /** Who holds the controller's key. */
  public record Controller(int nodeId, UUID incarnation) {}
}
