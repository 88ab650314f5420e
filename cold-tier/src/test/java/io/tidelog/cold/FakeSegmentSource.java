package io.tidelog.cold;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SealedSegmentSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands out segments in order and takes commits as strictly as a log does. */
public final class FakeSegmentSource implements SealedSegmentSource {

  private final LogId log;
  private final Deque<TestSegment> sealed = new ArrayDeque<>();
  private final List<ColdObject> committed = new ArrayList<>();
  private final Set<String> live = new TreeSet<>();
  private final List<Fault> unreadable = new ArrayList<>();
  private Runnable listener = () -> {};
  private long term;
  private long endLsn;
  private Supplier<@Nullable Throwable> commitFailures = () -> null;
  private @Nullable RuntimeException openFailure;

  public FakeSegmentSource(LogId log, long term) {
    this.log = log;
    this.term = term;
  }

  public void seal(TestSegment segment) {
    sealed.add(segment);
    listener.run();
  }

  public void term(long next) {
    term = next;
  }

  /** Asked before each commit: null, or what it fails with. */
  public void commitFailures(Supplier<@Nullable Throwable> failures) {
    commitFailures = failures;
  }

  public List<ColdObject> committed() {
    return committed;
  }

  /** Nobody needs the object any more, as after retention. */
  public void drop(String key) {
    live.remove(key);
  }

  /** A partition of the log is in this object, which was not committed here. */
  public void bring(String key) {
    live.add(key);
  }

  @Override
  public List<LogId> logs() {
    return List.of(log);
  }

  @Override
  public long term(LogId wanted) {
    return term;
  }

  /** What opening the next segment fails with for now, or null. */
  public void openFailure(@Nullable RuntimeException failure) {
    openFailure = failure;
  }

  @Override
  public @Nullable SealedSegment nextToOffload(LogId wanted) {
    if (openFailure != null) {
      throw openFailure;
    }
    var next = sealed.peek();
    return next == null ? null : next.open(term);
  }

  /** What it was told of segments that cannot be read. */
  public List<Fault> unreadable() {
    return unreadable;
  }

  @Override
  public void onUnreadable(LogId wanted, Fault.Broken why) {
    unreadable.add(why);
  }

  @Override
  public CompletionStage<Void> commit(ColdObject object) {
    var failure = commitFailures.get();
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    if (object.term() != term) {
      return CompletableFuture.failedFuture(
          new Fault.Fenced("object of term " + object.term() + ", log term " + term));
    }
    if (live.contains(object.key())) {
      return CompletableFuture.completedFuture(null);
    }
    if (object.baseLsn() != endLsn) {
      return CompletableFuture.failedFuture(
          new Fault.Broken("object from " + object.baseLsn() + ", tier ends at " + endLsn));
    }
    sealed.remove();
    endLsn = object.endLsn();
    committed.add(object);
    live.add(object.key());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Set<String> liveObjects(LogId wanted) {
    return Set.copyOf(live);
  }

  @Override
  public long offloadLagBytes(LogId wanted) {
    return sealed.stream().mapToLong(segment -> segment.endLsn() - segment.baseLsn()).sum();
  }

  @Override
  public void onSealed(Runnable next) {
    listener = next;
  }
}
