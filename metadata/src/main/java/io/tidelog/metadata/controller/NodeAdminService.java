package io.tidelog.metadata.controller;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeAdmin;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps an operator's wishes in the store, from whichever node; on the metadata lane. */
public final class NodeAdminService implements NodeAdmin {

  private final MetadataStore store;
  private final ImageKeeper images;
  private final Lane lane;

  public NodeAdminService(MetadataStore store, ImageKeeper images, Lane lane) {
    this.store = store;
    this.images = images;
    this.lane = lane;
  }

  @Override
  public CompletionStage<Void> drain(int nodeId, boolean wanted) {
    return fromNewest()
        .thenComposeAsync(
            view -> {
              if (!isKnown(view, nodeId)) {
                throw refused("Node " + nodeId + " is neither alive nor holds a log.");
              }
              var key = Keys.drain(nodeId);
              var txn =
                  wanted
                      ? Txn.when().put(key, StoredValues.number(nodeId))
                      : Txn.when().delete(key);
              return store.txn(txn.build());
            },
            lane)
        .thenAcceptAsync(result -> {}, lane);
  }

  @Override
  public CompletionStage<Void> unregister(int nodeId) {
    return fromNewest()
        .thenComposeAsync(
            view -> {
              if (view.registration(nodeId) != null) {
                throw refused("Node " + nodeId + " is alive; stop it first.");
              }
              if (!isRemembered(view, nodeId)) {
                throw new Fault.Refused(
                    Refusal.BROKER_ID_NOT_REGISTERED,
                    "Broker ID " + nodeId + " is not currently registered");
              }
              long held =
                  view.logs().stream().filter(log -> log.replicas().contains(nodeId)).count();
              if (held > 0) {
                throw refused("Node " + nodeId + " holds " + held + " logs; drain it first.");
              }
              var txn = Txn.when(Txn.Compare.absent(Keys.node(nodeId)));
              txn.delete(Keys.drain(nodeId)).delete(Keys.nodeConfigs(nodeId));
              view.members().names().entrySet().stream()
                  .filter(named -> named.getValue() == nodeId)
                  .map(Map.Entry::getKey)
                  .forEach(name -> txn.delete(Keys.nodeName(name)));
              return store.txn(txn.build());
            },
            lane)
        .thenAcceptAsync(
            result -> {
              if (!result.held()) {
                throw refused("Node " + nodeId + " has just come alive.");
              }
            },
            lane);
  }

  /** The picture of all that is in the store now. */
  private CompletionStage<ClusterView> fromNewest() {
    return CompletableFuture.supplyAsync(images::refresh, lane)
        .thenCompose(read -> read)
        .thenApplyAsync(revision -> images.current(), lane);
  }

  private static boolean isKnown(ClusterView view, int nodeId) {
    return view.registration(nodeId) != null
        || view.logs().stream().anyMatch(log -> log.replicas().contains(nodeId));
  }

  /** Whether there is anything to be forgotten of a node that is not alive. */
  private static boolean isRemembered(ClusterView view, int nodeId) {
    return isKnown(view, nodeId)
        || view.members().drains().contains(nodeId)
        || view.members().names().containsValue(nodeId)
        || !view.nodeConfigs(nodeId).isEmpty();
  }

  private static Fault.Refused refused(String message) {
    return new Fault.Refused(Refusal.INVALID_REQUEST, message);
  }
}
