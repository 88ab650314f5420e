package io.tidelog.app.node;

import static io.tidelog.app.node.NodeParts.await;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.coordinator.GroupSettings;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.ClusterMetadata;
import io.tidelog.metadata.StartSteps;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.MetadataSettings;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.node.NodeIdentity;
import io.tidelog.metadata.node.NodeIds;
import io.tidelog.metadata.node.NodeWish;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import io.tidelog.metadata.store.etcd.EtcdConfig;
import io.tidelog.metadata.store.etcd.EtcdMetadataStore;
import io.tidelog.metadata.store.etcd.EtcdSettings;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node's metadata, kept in etcd with other nodes, or by the node itself.
 *
 * @param isAlone the node keeps it itself
 */
record NodeMetadata(ClusterMetadata cluster, NodeIdentity identity, boolean isAlone) {

  static boolean isAlone(NodeConfig config) {
    return config.get(EtcdSettings.ENDPOINTS).isEmpty();
  }

  /** What a node by itself takes for settings it was not told. */
  static Map<String, String> settingsOf(NodeConfig config, Map<String, String> settings) {
    if (!isAlone(config)) {
      return settings;
    }
    var alone = new HashMap<>(settings);
    alone.putIfAbsent(ClusterSettings.LOGS_PER_NODE.name(), "1");
    alone.putIfAbsent(GroupSettings.OFFSETS_TOPIC_REPLICAS.name(), "1");
    // Named, so that its log is there before the first topic.
    putDefault(alone, MetadataSettings.DEFAULT_REPLICATION_FACTOR);
    return alone;
  }

  private static void putDefault(Map<String, String> settings, Setting<?> setting) {
    settings.putIfAbsent(setting.name(), setting.defaultText());
  }

  /**
   * Opens the store, learns who this node is, and reads the picture.
   *
   * @param data of a node that holds logs; null else
   * @param client where clients reach it, or an address that is its alone
   * @param onStopped told when the store can be used no more
   */
  static NodeMetadata open(
      NodeParts parts,
      NodeConfig config,
      Map<String, String> settings,
      @Nullable DataFolder data,
      Endpoint client,
      Clock clock,
      Consumer<Fault> onStopped) {
    boolean isAlone = isAlone(config);
    var store = parts.add("metadata store", openStore(isAlone, settings, data, clock));
    var unused = store.stopped().thenAccept(onStopped);
    var lane = parts.lane("metadata-lane");
    var random = new SecureRandom();
    var ids = new NodeIds(store, lane, random);
    var clusterId = await(StartSteps.untilAnswered(ids::found, lane, clock));
    var folder = data == null ? null : data.nodeOf(clusterId);
    var wish = NodeWish.of(settings, data != null, folder, client);
    var identity = await(StartSteps.untilAnswered(() -> ids.identify(wish), lane, clock));
    if (data != null && folder == null) {
      data.keep(identity.folder());
    }
    var cluster =
        parts.add(
            "metadata",
            new ClusterMetadata(
                new ClusterMetadata.Parts(
                    store, settings, clock, lane, random, new DelayNaming(config)),
                identity));
    await(StartSteps.untilAnswered(cluster::load, lane, clock));
    return new NodeMetadata(cluster, identity, isAlone);
  }

  private static MetadataStore openStore(
      boolean isAlone, Map<String, String> settings, @Nullable DataFolder data, Clock clock) {
    if (!isAlone) {
      return EtcdMetadataStore.open(EtcdConfig.of(settings), clock);
    }
    if (data == null) {
      throw new IllegalStateException("a node by itself without a data folder");
    }
    return EmbeddedMetadataStore.open(data.metadata(), clock);
  }
}
