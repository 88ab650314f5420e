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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** The values under {@link Keys}, to bytes and back; pure. */
public final class StoredValues {

  /** In place of what version 1 did not keep. */
  public static final UUID UNKNOWN = new UUID(0, 0);

  private static final int VERSION = 1;
  private static final int NODE_VERSION = 2;
  private static final int LOG_VERSION = 2;

  private StoredValues() {}

  /** A topic; its partitions' homes as runs over a table of logs, whatever their number. */
  public static byte[] topic(TopicImage topic) {
    var logs = new LinkedHashSet<LogId>();
    topic.homes().runs().forEach(run -> logs.add(run.log()));
    var table = List.copyOf(logs);
    var out = new ValueWriter(VERSION).putUuid(topic.id()).putMap(topic.configs());
    out.putInt(table.size());
    table.forEach(log -> out.putUuid(log.uuid()));
    out.putInt(topic.homes().runs().size());
    for (var run : topic.homes().runs()) {
      out.putInt(run.count()).putInt(table.indexOf(run.log())).putInt(run.baseEpoch());
    }
    return out.toBytes();
  }

  public static TopicImage topic(Entry entry, TopicDefaults defaults) {
    var name = entry.key().substring(Keys.TOPICS.length());
    return ValueReader.read(
        entry,
        VERSION,
        in -> {
          var id = in.getUuid();
          var configs = in.getMap();
          var table = new ArrayList<LogId>();
          for (int left = in.getInt(); left > 0; left--) {
            table.add(new LogId(in.getUuid()));
          }
          var runs = new ArrayList<PartitionHomes.Run>();
          for (int left = in.getInt(); left > 0; left--) {
            int count = in.getInt();
            var log = table.get(in.getInt());
            runs.add(new PartitionHomes.Run(count, log, in.getInt()));
          }
          return new TopicImage(
              name,
              id,
              configs,
              InternalTopics.isInternal(name),
              new PartitionHomes(runs),
              defaults.effective(configs),
              entry.modRevision());
        });
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
