package io.tidelog.metadata.node;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.node.SessionStep.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this node registered for as long as it runs; carries out what {@link NodeSessionMachine}
 * decides. The metadata lane owns it. What else must go with this node goes under {@link #lease}.
 */
public final class NodeSession implements AutoCloseable {

  private final MetadataStore store;
  private final Lane lane;
  private final Clock clock;
  private final SessionLimits limits;
  private final NodeRegistration self;

  // Owned by the lane.
  private final NodeSessionMachine machine;
  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private final CompletableFuture<Fault> ended = new CompletableFuture<>();
  private Runnable timer = () -> {};
  private boolean closed;

  public NodeSession(
      MetadataStore store, Lane lane, Clock clock, SessionLimits limits, NodeRegistration self) {
    this.store = store;
    this.lane = lane;
    this.clock = clock;
    this.limits = limits;
    this.self = self;
    this.machine = new NodeSessionMachine(limits, self.incarnation());
  }

  /**
   * Registers this node.
   *
   * @return completes on the lane when it is; fails with {@code Fenced} when its id is another live
   *     process'
   */
  public CompletionStage<Void> start() {
    lane.execute(this::step);
    return registered;
  }

  /** Looks for this node in each picture: the store may forget it early, or have another. */
  public void follow(ClusterImages images) {
    images.onChange(this::onImage);
  }

  /**
   * Completes on the lane when this process must stop being this node: {@code Fenced} when another
   * one is, {@code Broken} when the store is. Never fails.
   */
  public CompletionStage<Fault> ended() {
    return ended.copy();
  }

  /** Whether this node counts as alive by its own clock; on the lane. */
  public boolean isAlive() {
    return machine.isAlive(clock.monotonicNs());
  }

  /** The lease that holds now, or {@link Entry#NO_LEASE}; on the lane. */
  public long lease() {
    return isAlive() ? machine.lease() : Entry.NO_LEASE;
  }

  /**
   * Ends the lease, so that nobody waits for this node; on the lane.
   *
   * @return completes when the store has ended it; when it does not answer, it ends by itself
   */
  public CompletionStage<Void> leave() {
    if (closed || machine.lease() == Entry.NO_LEASE) {
      close();
      return CompletableFuture.completedStage(null);
    }
    close();
    return store.revoke(machine.lease());
  }

  /** Renews the lease no more; it ends by itself. */
  @Override
  public void close() {
    closed = true;
    timer.run();
  }

  private void onImage(ClusterImage image) {
    if (!closed && machine.onSeen(image.revision(), image.registration(self.id()))) {
      step();
    }
  }

  private void step() {
    if (closed) {
      return;
    }
    timer.run();
    switch (machine.decide(clock.monotonicNs())) {
      case SessionStep.Grant grant ->
          ask(grant, store.grant(limits.timeoutMs()), lease -> onGranted(grant, lease));
      case SessionStep.Renew renew ->
          ask(
              renew,
              store.keepAliveOnce(renew.lease()),
              ttlMs -> machine.onRenewed(renew.id(), ttlMs));
      case SessionStep.Register register ->
          ask(register, register(register), answer -> onAnswer(register, answer));
      case SessionStep.Rest rest -> timer = lane.executeAt(rest.untilNs(), this::step);
      case SessionStep.End end -> end();
    }
  }

  private <T> void ask(Request request, CompletionStage<T> call, Consumer<T> onAnswer) {
    call.whenComplete(
        (answer, failure) ->
            lane.execute(
                () -> {
                  if (failure == null) {
                    onAnswer.accept(answer);
                  } else {
                    onFailure(request, failure);
                  }
                  step();
                }));
    // The answer may be long in coming.
    timer = lane.executeAt(clock.monotonicNs() + limits.requestTimeoutNs(), this::step);
  }

  private void onGranted(SessionStep.Grant grant, long lease) {
    if (closed) {
      var unused = store.revoke(lease);
    } else {
      machine.onGranted(grant.id(), lease);
    }
  }

  private void onFailure(Request request, Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    switch (cause) {
      case Fault.Fenced fenced -> machine.onLost(request.id());
      case Fault.Broken broken -> machine.onBroken(broken);
      case null, default -> machine.onFailed(request.id(), clock.monotonicNs());
    }
  }

  /** What came of a registration: the store's revision, or who has the id. */
  private record Answer(long revision, @Nullable NodeRegistration other) {}

  private CompletionStage<Answer> register(SessionStep.Register register) {
    var key = Keys.node(self.id());
    return store
        .get(key)
        .thenCompose(
            present -> {
              var other = present == null ? null : StoredValues.node(present);
              if (other != null && !isSelf(other)) {
                return CompletableFuture.completedStage(new Answer(0, other));
              }
              long known = present == null ? 0 : present.modRevision();
              return store
                  .txn(
                      Txn.when(Txn.Compare.unchangedSince(key, known))
                          .put(key, StoredValues.node(self), register.lease())
                          .build())
                  .thenApply(
                      result -> {
                        if (!result.held()) {
                          throw new Fault.Retriable("the registration changed meanwhile");
                        }
                        return new Answer(result.revision(), null);
                      });
            });
  }

  /** This process, or one before it: it had the disk, which one process at a time has. */
  private boolean isSelf(NodeRegistration other) {
    return other.incarnation().equals(self.incarnation())
        || (self.disk() != null && self.disk().equals(other.disk()));
  }

  private void onAnswer(SessionStep.Register register, Answer answer) {
    var other = answer.other();
    if (other != null) {
      machine.onOccupied(register.id(), other, clock.monotonicNs());
    } else {
      machine.onRegistered(register.id(), answer.revision());
      if (machine.isRegistered()) {
        registered.complete(null);
      }
    }
  }

  private void end() {
    var fault = machine.ended();
    if (fault != null) {
      registered.completeExceptionally(fault);
      ended.complete(fault);
    }
  }
}
