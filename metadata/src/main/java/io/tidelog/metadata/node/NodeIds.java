package io.tidelog.metadata.node;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.image.StoredValues.Cluster;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Founds the cluster and gives its nodes their ids: counted, so that no two nodes ever get the same
 * one, and never below one that an operator chose.
 */
public final class NodeIds {

  /** How often something is tried anew because another node came first. */
  static final int MAX_ATTEMPTS = 64;

  private static final int FIRST_ID = 1;

  private final MetadataStore store;
  private final Lane lane;
  private final RandomGenerator random;

  public NodeIds(MetadataStore store, Lane lane, RandomGenerator random) {
    this.store = store;
    this.lane = lane;
    this.random = random;
  }

  /**
   * What the cluster is called; founds it when the store is empty.
   *
   * @return a Kafka Uuid
   */
  public CompletionStage<String> found() {
    var cluster = new Cluster(KafkaUuid.toText(KafkaUuid.random(random)), 1, FIRST_ID);
    return store
        .txn(
            Txn.when(Txn.Compare.absent(Keys.CLUSTER))
                .put(Keys.CLUSTER, StoredValues.cluster(cluster))
                .build())
        .thenComposeAsync(result -> cluster(), lane)
        .thenApply(entry -> StoredValues.cluster(entry).clusterId());
  }

  /**
   * Who a node is: as its data folder says, else by its {@code node.id}, else by its name, else
   * anew. A node with a data folder keeps the answer there before it registers.
   *
   * @return fails with {@code Refused} {@code INVALID_CONFIG} when {@code node.id} is not that of
   *     the data folder, with {@code Broken} when the folder is another cluster's
   */
  public CompletionStage<NodeIdentity> identify(NodeWish wish) {
    return found()
        .thenComposeAsync(
            clusterId ->
                idOf(wish, clusterId)
                    .thenApply(id -> new NodeIdentity(clusterId, id, diskOf(wish))),
            lane);
  }

  private CompletionStage<Integer> idOf(NodeWish wish, String clusterId) {
    var folder = wish.folder();
    boolean chosen = wish.explicitId() != ClusterSettings.ALLOCATED;
    if (folder != null) {
      folder.requireClusterOrThrow(clusterId);
      if (chosen && wish.explicitId() != folder.nodeId()) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG,
            "node.id="
                + wish.explicitId()
                + ", and the data folder is that of node "
                + folder.nodeId()
                + "; leave node.id out or name another folder");
      }
      return claim(folder.nodeId());
    }
    if (chosen) {
      return claim(wish.explicitId());
    }
    return wish.hot() ? allocate() : ofName(wish.name());
  }

  private @Nullable UUID diskOf(NodeWish wish) {
    var folder = wish.folder();
    if (folder != null) {
      return folder.diskId();
    }
    return wish.hot() ? KafkaUuid.random(random) : null;
  }

  /** A new id, for a node that keeps it in its data folder. */
  public CompletionStage<Integer> allocate() {
    return allocate(null, 1);
  }

  /** The id kept under a name; a new one when there is none yet. */
  public CompletionStage<Integer> ofName(String name) {
    return allocate(name, 1);
  }

  /** Makes sure that an id that was chosen or kept elsewhere is not given out once more. */
  public CompletionStage<Integer> claim(int id) {
    return claim(id, 1);
  }

  private CompletionStage<Integer> allocate(@Nullable String name, int attempt) {
    CompletionStage<@Nullable Entry> named =
        name == null ? CompletableFuture.completedStage(null) : store.get(Keys.nodeName(name));
    return named.thenComposeAsync(
        kept ->
            kept == null
                ? cluster().thenComposeAsync(entry -> count(entry, name, attempt), lane)
                : CompletableFuture.completedStage((int) StoredValues.number(kept)),
        lane);
  }

  private CompletionStage<Integer> count(Entry entry, @Nullable String name, int attempt) {
    var cluster = StoredValues.cluster(entry);
    int id = cluster.nextNodeId();
    var unchanged = Txn.Compare.unchangedSince(Keys.CLUSTER, entry.modRevision());
    var txn =
        name == null
            ? Txn.when(unchanged)
            : Txn.when(unchanged, Txn.Compare.absent(Keys.nodeName(name)))
                .put(Keys.nodeName(name), StoredValues.number(id));
    return store
        .txn(txn.put(Keys.CLUSTER, StoredValues.cluster(withNext(cluster, id + 1))).build())
        .thenComposeAsync(
            result -> {
              if (result.held()) {
                return CompletableFuture.completedStage(id);
              }
              requireAttempt(attempt);
              return allocate(name, attempt + 1);
            },
            lane);
  }

  private CompletionStage<Integer> claim(int id, int attempt) {
    return cluster()
        .thenComposeAsync(
            entry -> {
              var cluster = StoredValues.cluster(entry);
              if (cluster.nextNodeId() > id) {
                return CompletableFuture.completedStage(id);
              }
              return store
                  .txn(
                      Txn.when(Txn.Compare.unchangedSince(Keys.CLUSTER, entry.modRevision()))
                          .put(Keys.CLUSTER, StoredValues.cluster(withNext(cluster, id + 1)))
                          .build())
                  .thenComposeAsync(
                      result -> {
                        if (result.held()) {
                          return CompletableFuture.completedStage(id);
                        }
                        requireAttempt(attempt);
                        return claim(id, attempt + 1);
                      },
                      lane);
            },
            lane);
  }

  private CompletionStage<Entry> cluster() {
    return store
        .get(Keys.CLUSTER)
        .thenApply(
            entry -> {
              if (entry == null) {
                throw new Fault.Broken("the metadata names no cluster");
              }
              return entry;
            });
  }

  private static Cluster withNext(Cluster cluster, int next) {
    return new Cluster(cluster.clusterId(), cluster.generation(), next);
  }

  private static void requireAttempt(int attempt) {
    if (attempt >= MAX_ATTEMPTS) {
      throw new Fault.Retriable("other nodes came first " + attempt + " times");
    }
  }
}
