package io.tidelog.simulation.cluster;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SealedSegmentSource;
import io.tidelog.hot.runtime.LogDriver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the process of a node leads just now, as its cold tier sees it. */
final class LedHere implements SealedSegmentSource {

  private final ClusterNode node;
  private final ClusterMutant mutant;

  LedHere(ClusterNode node, ClusterMutant mutant) {
    this.node = node;
    this.mutant = mutant;
  }

  private @Nullable LogDriver leading(LogId log) {
    return log.equals(node.log()) ? node.leading() : null;
  }

  @Override
  public List<LogId> logs() {
    return node.leading() == null ? List.of() : List.of(node.log());
  }

  @Override
  public long term(LogId log) {
    var leading = leading(log);
    if (leading == null) {
      return -1;
    }
    return mutant.collectsBlindly() ? leading.term() : leading.term(log);
  }

  @Override
  public @Nullable SealedSegment nextToOffload(LogId log) {
    var leading = leading(log);
    var next = leading == null ? null : leading.nextToOffload(log);
    if (next == null) {
      node.onReadable();
    }
    return next;
  }

  @Override
  public void onUnreadable(LogId log, Fault.Broken why) {
    var leading = leading(log);
    if (leading != null) {
      node.onUnreadable(leading);
      if (mutant != ClusterMutant.DAMAGE_KEPT) {
        leading.onUnreadable(log, why);
      }
    }
  }

  @Override
  public CompletionStage<Void> commit(ColdObject object) {
    node.onReadable();
    var leading = leading(object.log());
    return leading == null
        ? CompletableFuture.failedStage(new Fault.Fenced(object.log() + " is not led here"))
        : leading.commit(object);
  }

  @Override
  public Set<String> liveObjects(LogId log) {
    var leading = leading(log);
    if (leading == null) {
      throw new Fault.Fenced(log + " is not led here"); // none would look like all may go
    }
    return leading.liveObjects(log);
  }

  @Override
  public long offloadLagBytes(LogId log) {
    var leading = leading(log);
    return leading == null ? 0 : leading.offloadLagBytes(log);
  }

  /** Whoever asks often need not be told. */
  @Override
  public void onSealed(Runnable listener) {}
}
