package io.tidelog.chaos.cluster;

import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.world.Server;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Roles as etcd has them: clients are told gateways, and faults are for those behind. */
final class TidelogRoles implements Roles {

  private static final String OFFSETS = "__consumer_offsets";

  private final Etcd etcd;
  private final List<Server> hot;
  private final List<Server> gateways;
  private final AdminRoles admin;

  TidelogRoles(Etcd etcd, String bootstrap, List<Server> hot, List<Server> gateways) {
    this.etcd = etcd;
    this.hot = hot;
    this.gateways = gateways;
    this.admin = new AdminRoles(bootstrap, this::node);
  }

  AdminRoles admin() {
    return admin;
  }

  private @Nullable Server node(int id) {
    if (id >= 1 && id <= hot.size()) {
      return hot.get(id - 1);
    }
    int gateway = id - TidelogCluster.FIRST_GATEWAY;
    return gateway >= 0 && gateway < gateways.size() ? gateways.get(gateway) : null;
  }

  @Override
  public Map<Place, Server> leaders(Collection<String> topics) throws IOException {
    var leaderOf = new HashMap<LogId, Server>();
    for (var entry : entries(Keys.LOGS)) {
      var log = StoredValues.log(entry);
      var leader = node(log.leader());
      if (leader != null) {
        leaderOf.put(log.id(), leader);
      }
    }
    var leaders = new TreeMap<Place, Server>();
    for (var entry : entries(Keys.TOPICS)) {
      var topic = StoredValues.topic(entry, TopicDefaults.of(Map.of()));
      if (topics.contains(topic.name())) {
        for (int partition = 0; partition < topic.homes().count(); partition++) {
          var leader = leaderOf.get(topic.homes().home(partition));
          if (leader != null) {
            leaders.put(new Place(topic.name(), partition), leader);
          }
        }
      }
    }
    return leaders;
  }

  @Override
  public Optional<Server> controller() throws IOException {
    for (var entry : entries(Keys.CONTROLLER)) {
      if (entry.key().equals(Keys.CONTROLLER)) {
        return Optional.ofNullable(node(StoredValues.controller(entry).nodeId()));
      }
    }
    return Optional.empty();
  }

  /** The leader of the partition that Kafka's rule gives the group. */
  @Override
  public Optional<Server> coordinator(String group) throws IOException {
    var partitions = leaders(List.of(OFFSETS));
    if (partitions.isEmpty()) {
      return Optional.empty();
    }
    int partition = Utils.abs(group.hashCode()) % partitions.size();
    return Optional.ofNullable(partitions.get(new Place(OFFSETS, partition)));
  }

  @Override
  public Optional<Server> etcdLeader() {
    return etcd.leader();
  }

  @Override
  public List<String> behind(Collection<String> topics) throws IOException {
    var behind = new ArrayList<String>();
    for (var entry : entries(Keys.LOGS)) {
      var log = StoredValues.log(entry);
      if (log.inSync().size() < log.replicas().size()) {
        behind.add(
            "log %s led by %d in term %d, replicas %s, in sync %s"
                .formatted(
                    log.id().uuid(),
                    log.leader(),
                    log.term(),
                    log.replicas(),
                    log.inSync().stream().map(ReplicaId::nodeId).toList()));
      }
    }
    return behind;
  }

  @Override
  public List<String> moving() throws IOException {
    return admin.moving();
  }

  private List<Entry> entries(String prefix) throws IOException {
    return etcd.read(TidelogCluster.PREFIX + prefix, TidelogCluster.PREFIX);
  }

  @Override
  public void close() {
    admin.close();
  }
}
