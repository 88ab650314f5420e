package io.tidelog.metadata.identity;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.ClusterIdentity;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.image.StoredValues.Cluster;
import io.tidelog.metadata.image.StoredValues.Controller;
import java.util.List;
import java.util.Set;
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

  /**
   * What the store has of this node; founds the cluster when it is empty.
   *
   * @return with the term of the process before, 0 if there was none
   */
  public CompletionStage<ClusterIdentity> found() {
    var log = new LogId(KafkaUuid.random(random));
    var cluster = new Cluster(KafkaUuid.toText(KafkaUuid.random(random)), 1, ONLY_NODE_ID + 1);
    var first =
        new LogRecord(
            log,
            List.of(ONLY_NODE_ID),
            1,
            List.of(new ReplicaId(ONLY_NODE_ID, StoredValues.UNKNOWN)),
            List.of(),
            ONLY_NODE_ID,
            0,
            0);
    return store
        .txn(
            Txn.when(Txn.Compare.absent(Keys.CLUSTER))
                .put(Keys.CLUSTER, StoredValues.cluster(cluster))
                .put(Keys.log(log), StoredValues.log(first))
                .build())
        .thenComposeAsync(result -> store.get(Keys.CLUSTER), lane)
        .thenCombineAsync(
            store.range(Keys.LOGS, 2, MetadataStore.NEWEST),
            (entry, logs) -> {
              var present = StoredValues.cluster(foundOrThrow(entry, Keys.CLUSTER));
              if (logs.entries().size() != 1) {
                throw new Fault.Broken("the metadata of one node names a cluster and not one log");
              }
              var record = StoredValues.log(logs.entries().getFirst());
              return new ClusterIdentity(
                  present.clusterId(),
                  ONLY_NODE_ID,
                  present.generation(),
                  record.id(),
                  record.term());
            },
            lane);
  }

  /**
   * Begins a term of this process.
   *
   * @param found by {@link #found}
   * @param diskId of the disk that holds the log, which by this is in sync
   * @param diskTerm the highest term found in the log itself, 0 in an empty one
   */
  public CompletionStage<ClusterIdentity> join(ClusterIdentity found, UUID diskId, long diskTerm) {
    var key = Keys.log(found.log());
    return store
        .get(key)
        .thenComposeAsync(entry -> begin(found, foundOrThrow(entry, key), diskId, diskTerm), lane);
  }

  private CompletionStage<ClusterIdentity> begin(
      ClusterIdentity found, Entry entry, UUID diskId, long diskTerm) {
    long term = Math.max(StoredValues.log(entry).term(), diskTerm) + 1;
    var record =
        new LogRecord(
            found.log(),
            List.of(ONLY_NODE_ID),
            1,
            List.of(new ReplicaId(ONLY_NODE_ID, diskId)),
            List.of(),
            ONLY_NODE_ID,
            term,
            entry.modRevision());
    var identity =
        new ClusterIdentity(found.clusterId(), ONLY_NODE_ID, found.generation(), found.log(), term);
    return store
        .txn(
            Txn.when(Txn.Compare.unchangedSince(entry.key(), entry.modRevision()))
                .put(entry.key(), StoredValues.log(record))
                .build())
        .thenApply(result -> heldOrThrow(result, identity));
  }

  /** Tells the cluster of this node, which has both roles and is its own controller. */
  public CompletionStage<Void> register(LogId log, NodeImage self) {
    var key = Keys.log(log);
    return store
        .get(key)
        .thenComposeAsync(
            entry -> {
              var record = StoredValues.log(foundOrThrow(entry, key));
              var node = registration(self, record.inSync().getFirst().diskId());
              var controller = new Controller(node.id(), node.incarnation());
              return store.txn(
                  Txn.when()
                      .put(Keys.node(node.id()), StoredValues.node(node))
                      .put(Keys.CONTROLLER, StoredValues.controller(controller))
                      .build());
            },
            lane)
        .thenAccept(result -> {});
  }

  /** It is reached in one way, and nobody follows its log. */
  private NodeRegistration registration(NodeImage self, UUID disk) {
    var at = new Endpoint(self.host(), self.port());
    return new NodeRegistration(
        self.id(),
        Set.of(NodeRole.values()),
        at,
        at,
        null,
        self.rack(),
        KafkaUuid.random(random),
        disk,
        false);
  }

  private static ClusterIdentity heldOrThrow(TxnResult result, ClusterIdentity identity) {
    if (!result.held()) {
      throw new Fault.Fenced("another process began a term of log " + identity.log());
    }
    return identity;
  }

  private static Entry foundOrThrow(@Nullable Entry entry, String key) {
    if (entry == null) {
      throw new Fault.Broken("the metadata has no " + key);
    }
    return entry;
  }
}
