package io.tidelog.metadata.store.etcd;

import static java.util.Objects.requireNonNull;

import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Status;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.store.TxnLimits;
import io.tidelog.metadata.store.WatchFeed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The metadata store in an etcd cluster, from version 3.4 on, below one prefix of its keys. One
 * thread owns the calls and the watches; the stages complete on it. An outage of etcd is no end of
 * the store: calls fail in bounded time, reads with {@code Retriable}, what changes something with
 * {@code Uncertain}, and watches go on when etcd is back.
 *
 * <p>What is left to the caller: to read back after {@code Uncertain}; to compare, in every
 * transaction that only a leader may make, the create revision of the leader's key, since a late
 * transaction of an old leader is stopped by nothing else; to keep leases alive in time and to stop
 * acting on one before it may have run out; to divide what is larger than a transaction.
 */
public final class EtcdMetadataStore implements MetadataStore {

  /**
   * Entries in one answer to {@link #range}; a larger range is read in several, at one revision.
   */
  static final int PAGE_ENTRIES = 2_000;

  private final Keyspace keys;
  private final EtcdConfig config;
  private final Clock clock;
  private final EtcdClient client;
  private final StoreThread thread;
  private final EtcdCalls calls;
  private final long checkEveryNs;
  private final CompletableFuture<Fault> end = new CompletableFuture<>();

  // Owned by the store's thread.
  private final List<EtcdWatch> watches = new ArrayList<>();

  private EtcdMetadataStore(EtcdConfig config, Clock clock) {
    this.keys = new Keyspace(config.prefix());
    this.config = config;
    this.clock = clock;
    this.client = new EtcdClient(config, clock);
    this.thread = new StoreThread(clock);
    this.calls = new EtcdCalls(thread, clock, config, client::onEnded);
    this.checkEveryNs = TimeUnit.MILLISECONDS.toNanos(config.watchIdleMs()) / 4;
  }

  /**
   * Opens the store; etcd is reached by the first call and need not be there yet.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when a certificate or key cannot be used
   */
  public static EtcdMetadataStore open(EtcdConfig config, Clock clock) {
    var store = new EtcdMetadataStore(config, clock);
    store.thread.execute(store::lookAround);
    return store;
  }

  @Override
  public CompletionStage<@Nullable Entry> get(String key) {
    return calls.<GetResponse, @Nullable Entry>read(
        () -> client.kv().get(keys.key(key)),
        found -> found.getKvs().isEmpty() ? null : keys.entry(found.getKvs().getFirst()));
  }

  @Override
  public CompletionStage<RangeResult> range(String prefix, int limit, long atRevision) {
    return new RangeReader(prefix, limit, atRevision).start();
  }

  @Override
  public CompletionStage<TxnResult> txn(Txn txn) {
    try {
      TxnLimits.checkedBytes(txn);
    } catch (Fault.Refused e) {
      return CompletableFuture.failedStage(e);
    }
    var request = new EtcdTxn(keys, txn);
    return calls.write(() -> request.commit(client.kv()), request::result);
  }

  @Override
  public Watch watch(String prefix, long fromRevision, Executor lane, WatchListener listener) {
    if (fromRevision < 1) {
      throw new IllegalArgumentException("a watch from revision " + fromRevision);
    }
    var watch =
        new EtcdWatch(
            client::watches,
            keys,
            prefix,
            fromRevision,
            new WatchFeed(lane, listener),
            thread,
            clock,
            config);
    thread.execute(
        () -> {
          watches.add(watch);
          watch.open();
        });
    return watch;
  }

  /** Etcd counts in seconds and may round up further, to its election timeout and a half. */
  @Override
  public CompletionStage<Long> grant(long ttlMs) {
    try {
      long seconds = (TxnLimits.checkedTtlMs(ttlMs) + 999) / 1000;
      return calls.write(() -> client.leases().grant(seconds), granted -> granted.getID());
    } catch (Fault.Refused e) {
      return CompletableFuture.failedStage(e);
    }
  }

  @Override
  public CompletionStage<Long> keepAliveOnce(long lease) {
    return calls.write(
        () -> client.leases().keepAliveOnce(lease),
        kept -> TimeUnit.SECONDS.toMillis(kept.getTTL()));
  }

  @Override
  public CompletionStage<Void> revoke(long lease) {
    return calls.<@Nullable Object, @Nullable Void>write(
        () -> doneAlready(client.leases().revoke(lease), EtcdMetadataStore::isGone),
        revoked -> null);
  }

  @Override
  public CompletionStage<Void> compact(long revision) {
    return calls.<@Nullable Object, @Nullable Void>write(
        () -> doneAlready(client.kv().compact(revision), EtcdMetadataStore::isCompacted),
        compacted -> null);
  }

  /** Takes a failure that says that the wanted state is there for a success. */
  private static CompletableFuture<@Nullable Object> doneAlready(
      CompletableFuture<?> answer, Predicate<Throwable> isDone) {
    return answer.handle(
        (done, failure) -> {
          if (failure != null && !isDone.test(failure)) {
            throw new CompletionException(failure);
          }
          return done;
        });
  }

  private static boolean isGone(Throwable failure) {
    return EtcdFaults.code(failure) == Status.Code.NOT_FOUND;
  }

  private static boolean isCompacted(Throwable failure) {
    return EtcdFaults.code(failure) == Status.Code.OUT_OF_RANGE
        && EtcdFaults.text(failure).contains("has been compacted");
  }

  @Override
  public CompletionStage<Fault> stopped() {
    return end.copy();
  }

  @Override
  public void close() {
    var reason = new Fault.Retriable("the metadata store is closed");
    calls.close(reason);
    thread.execute(
        () -> {
          watches.forEach(EtcdWatch::end);
          watches.clear();
          client.close();
          calls.failAll(reason);
          endWhenIdle(reason);
        });
    if (!thread.isCurrent()) {
      thread.awaitEnd();
    }
  }

  /** A call that came while the store was being closed is on its way to be refused. */
  private void endWhenIdle(Fault reason) {
    if (calls.isIdle()) {
      end.complete(reason);
      thread.end();
    } else {
      thread.execute(() -> endWhenIdle(reason));
    }
  }

  private void lookAround() {
    thread.executeAt(clock.monotonicNs() + checkEveryNs, this::lookAround);
    client.reconnectIfOutOfReach();
    watches.removeIf(EtcdWatch::isEnded);
    watches.forEach(EtcdWatch::checkAlive);
  }

  /** One range, read page by page at the revision of its first page. */
  private final class RangeReader {

    private final String prefix;
    private final int limit;
    private final boolean newest;
    private final List<Entry> found = new ArrayList<>();
    private final CompletableFuture<RangeResult> result = new CompletableFuture<>();
    private long revision;

    RangeReader(String prefix, int limit, long atRevision) {
      this.prefix = prefix;
      this.limit = limit == NO_LIMIT ? Integer.MAX_VALUE : limit;
      this.newest = atRevision == NEWEST;
      this.revision = atRevision;
    }

    CompletionStage<RangeResult> start() {
      readOn();
      return result;
    }

    private void readOn() {
      var from = found.isEmpty() ? keys.key(prefix) : keys.after(found.getLast().key());
      var option =
          GetOption.builder()
              .withRange(keys.endOf(prefix))
              .withLimit(Math.min(PAGE_ENTRIES, limit - found.size()))
              .withRevision(revision)
              .build();
      calls
          .<GetResponse, GetResponse>read(() -> client.kv().get(from, option), page -> page)
          .whenComplete(this::take);
    }

    private void take(@Nullable GetResponse page, @Nullable Throwable failure) {
      if (page == null) {
        result.completeExceptionally(told(requireNonNull(failure)));
        return;
      }
      if (revision == NEWEST) {
        revision = page.getHeader().getRevision();
      }
      page.getKvs().forEach(entry -> found.add(keys.entry(entry)));
      if (page.isMore() && found.size() < limit) {
        readOn();
      } else {
        result.complete(new RangeResult(revision, List.copyOf(found), page.isMore()));
      }
    }

    /** Who asked for the newest revision did not ask for one that may be compacted. */
    private Throwable told(Throwable failure) {
      return newest
              && failure instanceof Fault.Refused refused
              && refused.refusal() == Refusal.OFFSET_OUT_OF_RANGE
          ? new Fault.Retriable("what was being read was compacted meanwhile", failure)
          : failure;
    }
  }
}
