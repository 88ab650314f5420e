package io.tidelog.metadata.image;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.InternalTopics;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The values under {@link Keys}, to bytes and back; pure. */
public final class StoredValues {

  private static final int VERSION = 1;

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

  public static byte[] node(NodeImage node) {
    var rack = node.rack();
    var out = new ValueWriter(VERSION).putInt(node.id()).putText(node.host()).putInt(node.port());
    return out.putInt(rack == null ? 0 : 1).putText(rack == null ? "" : rack).toBytes();
  }

  public static NodeImage node(Entry entry) {
    return ValueReader.read(
        entry,
        VERSION,
        in -> {
          int id = in.getInt();
          var host = in.getText();
          int port = in.getInt();
          boolean hasRack = in.getInt() == 1;
          var rack = in.getText();
          return new NodeImage(id, host, port, hasRack ? rack : null);
        });
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

  public static byte[] log(LogLeader log) {
    return new ValueWriter(VERSION).putInt(log.nodeId()).putLong(log.term()).toBytes();
  }

  public static LogLeader log(Entry entry) {
    return ValueReader.read(entry, VERSION, in -> new LogLeader(in.getInt(), in.getLong()));
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

  /** Who leads a log. */
  public record LogLeader(int nodeId, long term) {}
}
