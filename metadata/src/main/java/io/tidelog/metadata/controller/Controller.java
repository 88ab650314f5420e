package io.tidelog.metadata.controller;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.controller.ControllerDecision.ChangeLog;
import io.tidelog.metadata.controller.ControllerDecision.EndPlacement;
import io.tidelog.metadata.controller.ControllerDecision.EndReassignment;
import io.tidelog.metadata.controller.ControllerDecision.ForgetHistory;
import io.tidelog.metadata.controller.ControllerDecision.ForgetName;
import io.tidelog.metadata.controller.ControllerDecision.HandOver;
import io.tidelog.metadata.controller.ControllerDecision.MakeLogs;
import io.tidelog.metadata.controller.ControllerDecision.TakeBackMoves;
import io.tidelog.metadata.image.ClusterMembers.Seat;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.node.NodeSession;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the controller's key when nobody has it, under this node's lease, and while it has it
 * carries out what {@link ControllerMachine} decides. Every write compares the revision at which
 * the key was taken, so that one that lost it changes nothing any more; whatever fails is decided
 * anew from a newer picture. The metadata lane owns it.
 */
public final class Controller implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

  /** Between two looks at the picture. */
  static final long PAUSE_NS = 500_000_000;

  private final MetadataStore store;
  private final ImageKeeper images;
  private final NodeSession session;
  private final StoredValues.Controller self;
  private final ControllerMachine machine;
  private final Handovers handovers;
  private final Lane lane;
  private final Clock clock;

  // Owned by the lane.
  private boolean closed;
  private long electedRevision;

  /** The picture that shows all this controller did has at least this revision. */
  private long knownRevision;

  public Controller(
      MetadataStore store,
      ImageKeeper images,
      NodeSession session,
      NodeRegistration node,
      ControllerMachine machine,
      Handovers handovers,
      Lane lane,
      Clock clock) {
    this.store = store;
    this.images = images;
    this.session = session;
    this.self = new StoredValues.Controller(node.id(), node.incarnation());
    this.machine = machine;
    this.handovers = handovers;
    this.lane = lane;
    this.clock = clock;
  }

  /** Begins to look; the node is registered and the picture is read. */
  public void start() {
    lane.execute(this::look);
  }

  /** Stops; the key goes with the node's lease. */
  @Override
  public void close() {
    closed = true;
  }

  private void look() {
    if (closed) {
      return;
    }
    work()
        .whenComplete(
            (done, failure) ->
                lane.execute(() -> lane.executeAt(clock.monotonicNs() + PAUSE_NS, this::look)));
  }

  private CompletionStage<?> work() {
    var view = images.current();
    var seat = view.members().controller();
    if (!session.isAlive() || view.revision() < knownRevision) {
      return done();
    }
    if (seat == null) {
      return takeSeat(session.lease());
    }
    if (!seat.holder().equals(self)) {
      return done();
    }
    if (electedRevision != seat.createRevision()) {
      electedRevision = seat.createRevision();
      machine.onElected();
    }
    return carryOut(seat, machine.decide(view, clock.monotonicNs()));
  }

  private CompletionStage<?> takeSeat(long lease) {
    return store
        .txn(
            Txn.when(Txn.Compare.absent(Keys.CONTROLLER))
                .put(Keys.CONTROLLER, StoredValues.controller(self), lease)
                .build())
        .thenAcceptAsync(result -> onWritten(result.revision()), lane);
  }

  private void onWritten(long revision) {
    knownRevision = Math.max(knownRevision, revision);
    if (images.current().revision() < knownRevision) {
      // What the watch lost is looked up before anything is decided on an old picture.
      var unused = images.refresh();
    }
  }

  private CompletionStage<?> carryOut(Seat seat, List<ControllerDecision> decisions) {
    CompletionStage<?> last = done();
    for (var chunk : chunks(decisions, seat)) {
      last = afterwards(last, () -> write(chunk));
    }
    for (var decision : decisions) {
      if (decision instanceof HandOver handOver) {
        last = afterwards(last, () -> handovers.handOver(handOver.log(), handOver.to()));
      } else if (decision instanceof ForgetHistory forget) {
        last = afterwards(last, () -> store.compact(forget.upToRevision()));
      } else if (decision instanceof TakeBackMoves back) {
        back.why()
            .forEach(
                (partition, why) ->
                    LOG.warn(
                        "taking the move of a partition back, partition={}-{}, cause={}",
                        back.next().name(),
                        partition,
                        why));
      }
    }
    return last;
  }

  /** Each by itself: that one is refused says nothing of the next. */
  private CompletionStage<?> afterwards(
      CompletionStage<?> before, Supplier<CompletionStage<?>> next) {
    return before.handleAsync((done, failure) -> next.get(), lane).thenCompose(stage -> stage);
  }

  private CompletionStage<?> write(Txn txn) {
    return store
        .txn(txn)
        .handleAsync(
            (result, failure) -> {
              if (result != null) {
                onWritten(result.revision());
              } else if (failure instanceof Fault.Uncertain) {
                var unused = images.refresh();
              }
              return result;
            },
            lane);
  }

  /** As many writes to a transaction as the store takes. */
  private static List<Txn> chunks(List<ControllerDecision> decisions, Seat seat) {
    var txns = new ArrayList<Txn>();
    var compares = new ArrayList<Txn.Compare>();
    var puts = new ArrayList<Txn.Op>();
    for (var decision : decisions) {
      var nextCompares = new ArrayList<Txn.Compare>();
      var nextOps = new ArrayList<Txn.Op>();
      addTo(decision, nextCompares, nextOps);
      boolean full =
          puts.size() + nextOps.size() > MetadataStore.MAX_TXN_OPS
              || compares.size() + nextCompares.size() + 1 > MetadataStore.MAX_TXN_OPS;
      if (full) {
        txns.add(fenced(seat, compares, puts));
        compares.clear();
        puts.clear();
      }
      compares.addAll(nextCompares);
      puts.addAll(nextOps);
    }
    if (!puts.isEmpty()) {
      txns.add(fenced(seat, compares, puts));
    }
    return txns;
  }

  private static Txn fenced(Seat seat, List<Txn.Compare> compares, List<Txn.Op> ops) {
    var all = new ArrayList<Txn.Compare>();
    all.add(Txn.Compare.createdAt(Keys.CONTROLLER, seat.createRevision()));
    all.addAll(compares);
    return new Txn(all, ops, List.of());
  }

  private static void addTo(
      ControllerDecision decision, List<Txn.Compare> compares, List<Txn.Op> ops) {
    switch (decision) {
      case MakeLogs make -> {
        compares.addAll(make.logs().compares());
        ops.addAll(make.logs().puts());
      }
      case ChangeLog change -> {
        var next = change.next();
        var key = Keys.log(next.id());
        compares.add(Txn.Compare.unchangedSince(key, next.modRevision()));
        ops.add(new Txn.Op.Put(key, StoredValues.log(next), Entry.NO_LEASE));
      }
      case EndReassignment end -> {
        var key = Keys.reassignment(end.log());
        compares.add(Txn.Compare.unchangedSince(key, end.knownRevision()));
        ops.add(new Txn.Op.Delete(key));
      }
      case EndPlacement end -> {
        var key = Keys.placement(end.log());
        compares.add(Txn.Compare.unchangedSince(key, end.knownRevision()));
        ops.add(new Txn.Op.Delete(key));
      }
      case TakeBackMoves back -> {
        var next = back.next();
        var key = Keys.topic(next.name());
        compares.add(Txn.Compare.unchangedSince(key, next.modRevision()));
        ops.add(new Txn.Op.Put(key, StoredValues.topic(next), Entry.NO_LEASE));
      }
      case ForgetName forget -> ops.add(new Txn.Op.Delete(Keys.nodeName(forget.name())));
      case HandOver handOver -> {}
      case ForgetHistory forget -> {}
    }
  }

  private static CompletionStage<@Nullable Void> done() {
    return CompletableFuture.completedStage(null);
  }
}
