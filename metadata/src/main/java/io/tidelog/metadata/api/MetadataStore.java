package io.tidelog.metadata.api;

import io.tidelog.core.Fault;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A small, durable, ordered map in which every transaction has a revision, with watches and leases;
 * the part of etcd's contract that Tidelog needs, with etcd's limits, so that code proven on one
 * adapter runs on the other.
 *
 * <p>A result is seen by nobody before it is on stable storage. Stages complete on the store's own
 * lane: what is chained to them only posts to a lane of its owner. Stages fail with a {@link
 * Fault}: {@code Refused} with {@code INVALID_REQUEST} for a call against the limits, {@code
 * Retriable} when the store's queue is full, {@code Uncertain} when a transaction may or may not
 * have been made durable, {@code Broken} when the store has stopped.
 */
public interface MetadataStore extends AutoCloseable {

  /** Compares, then-operations and else-operations of one transaction, each. */
  int MAX_TXN_OPS = 128;

  /**
   * Keys and values of one transaction together. Etcd takes requests of 1.5 MiB; the rest is for
   * what surrounds them there, most of it the prefix before each key.
   */
  int MAX_TXN_BYTES = 1_048_576;

  /** Changes told to a watch and not yet taken by its lane. */
  int MAX_WATCH_BACKLOG = 65_536;

  /** As {@link #range}'s {@code atRevision}: whatever is newest. */
  long NEWEST = 0;

  /** As {@link #range}'s {@code limit}: all. */
  int NO_LIMIT = 0;

  /** The key's entry, or null. */
  CompletionStage<@Nullable Entry> get(String key);

  /**
   * The entries whose keys start with {@code prefix}, in key order, as they were at a revision.
   *
   * @param limit at most so many, or {@link #NO_LIMIT}
   * @param atRevision {@link #NEWEST}, or a revision not yet compacted; fails with {@link
   *     Fault.Refused} {@code OFFSET_OUT_OF_RANGE} when it is compacted or not reached
   */
  CompletionStage<RangeResult> range(String prefix, int limit, long atRevision);

  /**
   * Decides the compares and carries out one of the two lists of operations, wholly or not at all.
   * A transaction that changes something has one revision for all its changes.
   */
  CompletionStage<TxnResult> txn(Txn txn);

  /**
   * Tells {@code listener} every change of keys that start with {@code prefix}, in order and
   * without a gap, from a revision on. It may be told a change before the stage of the change's own
   * transaction completes.
   *
   * @param fromRevision first revision told, at least 1; one in the future is waited for
   * @param lane runs every call of the listener, one after the other; when it falls {@link
   *     #MAX_WATCH_BACKLOG} changes behind, the watch ends with {@link WatchListener#onCompacted}
   */
  Watch watch(String prefix, long fromRevision, Executor lane, WatchListener listener);

  /**
   * Grants a lease: keys put under it go when it is not kept alive for {@code ttlMs}, which the
   * store may round up by a few seconds. Whoever acts on a lease counts from when it sent the call,
   * on its own clock: the store may end one late, and after a failure of its own also early.
   */
  CompletionStage<Long> grant(long ttlMs);

  /**
   * Starts the lease's time to live anew.
   *
   * @return the time to live in ms, rounded up as by {@link #grant}; fails with {@link
   *     Fault.Fenced} when the lease is gone
   */
  CompletionStage<Long> keepAliveOnce(long lease);

  /** Ends the lease and deletes its keys in one transaction; one that is gone is passed over. */
  CompletionStage<Void> revoke(long lease);

  /** Forgets what was superseded before {@code revision}; the newest values always stay. */
  CompletionStage<Void> compact(long revision);

  /**
   * Completes when the store takes no more calls, with why: {@code Broken} after a failure that
   * only a restart heals, {@code Retriable} after {@link #close}. Never fails.
   */
  CompletionStage<Fault> stopped();

  /** Stops after what is queued; may be called twice, and waits for the end. */
  @Override
  void close();

  /** A running watch. */
  interface Watch extends AutoCloseable {

    /** When called on the watch's lane, no call of the listener begins after it. */
    @Override
    void close();
  }

  /** Told about changes, on the watch's lane. */
  interface WatchListener {

    /**
     * Changes of one or more whole transactions, in order.
     *
     * @param revision the store's revision after them
     */
    void onEvents(long revision, List<WatchEvent> events);

    /**
     * The watch has ended and misses changes: it asked for compacted revisions or was too slow. The
     * owner lists the range and watches from the revision after it.
     *
     * @param compactedRevision the oldest revision that can be watched from is the one after it
     */
    void onCompacted(long compactedRevision);
  }

  /** A change of one key. */
  sealed interface WatchEvent {

    String key();

    long revision();

    /** The key has a new value. */
    record Put(Entry entry) implements WatchEvent {
      @Override
      public String key() {
        return entry.key();
      }

      @Override
      public long revision() {
        return entry.modRevision();
      }
    }

    /** The key is gone. */
    record Deleted(String key, long revision) implements WatchEvent {}
  }

  /**
   * Entries in key order.
   *
   * @param revision the revision they were read at
   * @param more the limit left some out
   */
  record RangeResult(long revision, List<Entry> entries, boolean more) {}
}
