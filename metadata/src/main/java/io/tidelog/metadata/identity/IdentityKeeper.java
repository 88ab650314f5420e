package io.tidelog.metadata.identity;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.metadata.api.ClusterIdentity;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.image.StoredValues.Cluster;
import io.tidelog.metadata.image.StoredValues.LogLeader;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Founds the cluster at its first start and raises the term of this node's log at every start, so
 * that no two processes ever lead in one term. For a store that one node has to itself: that node
 * is number {@value #ONLY_NODE_ID}.
 */
public final class IdentityKeeper {

  /** The node of an embedded store. */
  public static final int ONLY_NODE_ID = 1;

  private final MetadataStore store;
  private final Lane lane;
  private final RandomGenerator random;

  public IdentityKeeper(MetadataStore store, Lane lane, RandomGenerator random) {
    this.store = store;
    this.lane = lane;
    this.random = random;
  }

  /** The segment log of this node; founds the cluster when the store is empty. */
  public CompletionStage<LogId> found() {
    var log = new LogId(KafkaUuid.random(random));
    var cluster = new Cluster(KafkaUuid.toText(KafkaUuid.random(random)), 1, ONLY_NODE_ID + 1);
    return store
        .txn(
            Txn.when(Txn.Compare.absent(Keys.CLUSTER))
                .put(Keys.CLUSTER, StoredValues.cluster(cluster))
                .put(Keys.log(log), StoredValues.log(new LogLeader(ONLY_NODE_ID, 0)))
                .build())
        .thenComposeAsync(result -> store.range(Keys.LOGS, 1, MetadataStore.NEWEST), lane)
        .thenApplyAsync(
            logs -> {
              if (logs.entries().isEmpty()) {
                throw new Fault.Broken("the metadata names a cluster and no log");
              }
              return logOf(logs.entries().getFirst());
            },
            lane);
  }

  /**
   * Begins a term of this process.
   *
   * @param diskTerm the highest term found in the log itself, 0 in an empty one
   */
  public CompletionStage<ClusterIdentity> join(LogId log, long diskTerm) {
    return store
        .get(Keys.CLUSTER)
        .thenCombineAsync(
            store.get(Keys.log(log)),
            (cluster, leader) ->
                begin(
                    StoredValues.cluster(foundOrThrow(cluster, Keys.CLUSTER)),
                    foundOrThrow(leader, Keys.log(log)),
                    log,
                    diskTerm),
            lane)
        .thenCompose(joined -> joined);
  }

  private CompletionStage<ClusterIdentity> begin(
      Cluster cluster, Entry entry, LogId log, long diskTerm) {
    long term = Math.max(StoredValues.log(entry).term(), diskTerm) + 1;
    var identity =
        new ClusterIdentity(cluster.clusterId(), ONLY_NODE_ID, cluster.generation(), log, term);
    return store
        .txn(
            Txn.when(Txn.Compare.unchangedSince(entry.key(), entry.modRevision()))
                .put(entry.key(), StoredValues.log(new LogLeader(ONLY_NODE_ID, term)))
                .build())
        .thenApply(result -> heldOrThrow(result, identity));
  }

  /** Tells the cluster how clients reach this node. */
  public CompletionStage<Void> register(NodeImage node) {
    return store
        .txn(Txn.when().put(Keys.node(node.id()), StoredValues.node(node)).build())
        .thenAccept(result -> {});
  }

  private static ClusterIdentity heldOrThrow(TxnResult result, ClusterIdentity identity) {
    if (!result.held()) {
      throw new Fault.Fenced("another process began a term of log " + identity.log());
    }
    return identity;
  }

  private static LogId logOf(Entry entry) {
    return new LogId(UUID.fromString(entry.key().substring(Keys.LOGS.length())));
  }

  private static Entry foundOrThrow(@Nullable Entry entry, String key) {
    if (entry == null) {
      throw new Fault.Broken("the metadata has no " + key);
    }
    return entry;
  }
}
