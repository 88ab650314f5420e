package io.tidelog.metadata.store.embedded;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.RangeResult;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * The store as a machine: entries, revisions, recent history and leases. Owned by the store's
 * thread; memory only. A decision changes it at once and leaves a {@link Change} to be logged; the
 * owner tells nobody before the change is durable, and drops the machine when that fails.
 */
final class StoreState {

  /** Revisions kept for watches and ranges; older ones are compacted by themselves. */
  static final int MAX_HISTORY = 10_000;

  /** Leases at a time. */
  static final int MAX_LEASES = 10_000;

  /** Revision of an empty store, as etcd's. */
  private static final long FIRST_REVISION = 1;

  private TreePMap<String, Entry> entries = TreePMap.empty();
  private long revision = FIRST_REVISION;
  private long nextLease = 1;
  private TreePMap<Long, Lease> leases = TreePMap.empty();

  /** Consecutive revisions; the first is the compacted one and its events are forgotten. */
  private final ArrayDeque<Version> history = new ArrayDeque<>();

  private final List<Change> unlogged = new ArrayList<>();

  /** The state as it was when everything was logged. */
  private Mark logged;

  StoreState() {
    startHistory();
    logged = mark();
  }

  long revision() {
    return revision;
  }

  long compactedRevision() {
    return history.getFirst().revision();
  }

  @Nullable Entry get(String key) {
    return entries.get(key);
  }

  /** See {@link MetadataStore#range}. */
  RangeResult range(String prefix, int limit, long atRevision) {
    var version = versionAt(atRevision == MetadataStore.NEWEST ? revision : atRevision);
    var found = new ArrayList<Entry>();
    for (var entry : withPrefix(version.entries(), prefix).values()) {
      if (limit != MetadataStore.NO_LIMIT && found.size() == limit) {
        return new RangeResult(version.revision(), List.copyOf(found), true);
      }
      found.add(entry);
    }
    return new RangeResult(version.revision(), List.copyOf(found), false);
  }

  /** See {@link MetadataStore#txn}. */
  TxnResult decide(Txn txn) {
    boolean held = txn.compares().stream().allMatch(this::holds);
    var ops = held ? txn.thenOps() : txn.elseOps();
    for (var op : ops) {
      if (op instanceof Txn.Op.Put put && put.lease() != Entry.NO_LEASE) {
        leaseOrThrow(put.lease());
      }
    }
    var before = entries;
    var read = new ArrayList<Entry>();
    var written = new ArrayList<Txn.Op>();
    var events = new ArrayList<WatchEvent>();
    for (var op : ops) {
      if (op instanceof Txn.Op.Get get) {
        var entry = entries.get(get.key());
        if (entry != null) {
          read.add(entry);
        }
      } else if (!(op instanceof Txn.Op.Delete) || before.containsKey(op.key())) {
        written.add(op);
        write(op, revision + 1, events);
      }
    }
    if (!written.isEmpty()) {
      publish(events);
      unlogged.add(new Change.Written(revision, List.copyOf(written)));
    }
    return new TxnResult(held, revision, List.copyOf(read));
  }

  long grant(long ttlMs, long nowNs) {
    if (leases.size() >= MAX_LEASES) {
      throw new Fault.Retriable("there are " + MAX_LEASES + " leases already");
    }
    var change = new Change.Granted(nextLease, ttlMs);
    apply(change, nowNs);
    unlogged.add(change);
    return change.lease();
  }

  long keepAlive(long lease, long nowNs) {
    var kept = leaseOrThrow(lease).from(nowNs);
    leases = leases.plus(lease, kept);
    return kept.ttlMs();
  }

  void revoke(long lease) {
    if (leases.containsKey(lease)) {
      end(lease);
      unlogged.add(new Change.Ended(lease, revision));
    }
  }

  /** Ends every lease whose time is over. */
  void expire(long nowNs) {
    leases.values().stream()
        .filter(lease -> lease.deadlineNs() - nowNs <= 0)
        .map(Lease::id)
        .toList()
        .forEach(this::revoke);
  }

  /** How long until a lease may end, or {@link Long#MAX_VALUE}. */
  long nextExpiryNs(long nowNs) {
    return leases.values().stream()
        .mapToLong(lease -> Math.max(0, lease.deadlineNs() - nowNs))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  void compact(long toRevision) {
    if (toRevision > revision) {
      throw outOfRange(toRevision);
    }
    while (compactedRevision() < toRevision) {
      history.removeFirst();
    }
  }

  /** The changes from {@code fromRevision} on; it must be above the compacted revision. */
  List<WatchEvent> eventsFrom(long fromRevision, String prefix) {
    var versions = new ArrayDeque<Version>();
    var newestFirst = history.descendingIterator();
    while (newestFirst.hasNext()) {
      var version = newestFirst.next();
      if (version.revision() < fromRevision) {
        break;
      }
      versions.addFirst(version);
    }
    var found = new ArrayList<WatchEvent>();
    for (var version : versions) {
      version.events().stream().filter(e -> e.key().startsWith(prefix)).forEach(found::add);
    }
    return found;
  }

  /** What was decided and is not logged yet, in order. */
  List<Change> unlogged() {
    return List.copyOf(unlogged);
  }

  /** Everything decided so far is durable. */
  void onLogged() {
    unlogged.clear();
    logged = mark();
  }

  /** Nothing of what is not logged ever happened. */
  void rollBack() {
    unlogged.clear();
    entries = logged.entries();
    revision = logged.revision();
    nextLease = logged.nextLease();
    leases = logged.leases();
    while (!history.isEmpty() && history.getLast().revision() > revision) {
      history.removeLast();
    }
    if (history.isEmpty()) {
      startHistory();
    }
  }

  /** Replays a change from the log. */
  void apply(Change change, long nowNs) {
    switch (change) {
      case Change.Written written -> {
        var events = new ArrayList<WatchEvent>();
        written.ops().forEach(op -> write(op, revision + 1, events));
        publish(events);
        checkRevision(written.revision());
      }
      case Change.Granted granted -> {
        var lease = new Lease(granted.lease(), granted.ttlMs(), 0, TreePSet.empty());
        leases = leases.plus(lease.id(), lease.from(nowNs));
        nextLease = granted.lease() + 1;
      }
      case Change.Ended ended -> {
        end(ended.lease());
        checkRevision(ended.revision());
      }
    }
  }

  /** The state as it stands, for a snapshot. */
  Snapshot snapshot() {
    var granted = leases.values().stream().map(l -> new Change.Granted(l.id(), l.ttlMs())).toList();
    return new Snapshot(revision, nextLease, granted, entries);
  }

  /** Restores a snapshot into an empty state; leases start their time anew. */
  void restore(Snapshot snapshot, long nowNs) {
    snapshot.leases().forEach(lease -> apply(lease, nowNs));
    entries = snapshot.entries();
    revision = snapshot.revision();
    nextLease = snapshot.nextLease();
    for (var entry : entries.values()) {
      if (entry.lease() != Entry.NO_LEASE) {
        attach(entry.key(), entry.lease());
      }
    }
    startHistory();
  }

  /** What was recovered is where this life begins: no older revision can be asked for. */
  void onRecovered() {
    startHistory();
    onLogged();
  }

  private void startHistory() {
    history.clear();
    history.add(new Version(revision, entries, List.of()));
  }

  private Mark mark() {
    return new Mark(entries, revision, nextLease, leases);
  }

  private boolean holds(Txn.Compare compare) {
    var entry = entries.get(compare.key());
    return switch (compare) {
      case Txn.Compare.CreateRevision create ->
          create.revision() == (entry == null ? 0 : entry.createRevision());
      case Txn.Compare.ModRevision mod ->
          mod.revision() == (entry == null ? 0 : entry.modRevision());
    };
  }

  private void write(Txn.Op op, long atRevision, List<WatchEvent> events) {
    var old = entries.get(op.key());
    if (old != null && old.lease() != Entry.NO_LEASE) {
      detach(op.key(), old.lease());
    }
    if (op instanceof Txn.Op.Put put) {
      long created = old == null ? atRevision : old.createRevision();
      var entry = new Entry(put.key(), put.value(), created, atRevision, put.lease());
      entries = entries.plus(put.key(), entry);
      if (put.lease() != Entry.NO_LEASE) {
        attach(put.key(), put.lease());
      }
      events.add(new WatchEvent.Put(entry));
    } else {
      entries = entries.minus(op.key());
      events.add(new WatchEvent.Deleted(op.key(), atRevision));
    }
  }

  private void attach(String key, long lease) {
    var holder = leaseOrThrow(lease);
    leases = leases.plus(lease, holder.with(holder.keys().plus(key)));
  }

  private void detach(String key, long lease) {
    var holder = leaseOrThrow(lease);
    leases = leases.plus(lease, holder.with(holder.keys().minus(key)));
  }

  private void end(long lease) {
    var keys = leaseOrThrow(lease).keys();
    var events = new ArrayList<WatchEvent>();
    keys.forEach(key -> write(new Txn.Op.Delete(key), revision + 1, events));
    leases = leases.minus(lease);
    if (!events.isEmpty()) {
      publish(events);
    }
  }

  private void publish(List<WatchEvent> events) {
    revision++;
    history.addLast(new Version(revision, entries, List.copyOf(events)));
    if (history.size() > MAX_HISTORY) {
      history.removeFirst();
    }
  }

  private Version versionAt(long atRevision) {
    if (atRevision < compactedRevision() || atRevision > revision) {
      throw outOfRange(atRevision);
    }
    if (atRevision == revision) {
      return history.getLast();
    }
    return history.stream().filter(v -> v.revision() == atRevision).findFirst().orElseThrow();
  }

  private Lease leaseOrThrow(long lease) {
    var found = leases.get(lease);
    if (found == null) {
      throw new Fault.Fenced("lease " + lease + " is gone");
    }
    return found;
  }

  private void checkRevision(long logged) {
    if (logged != revision) {
      throw new Fault.Broken(
          "the metadata log says revision " + logged + " where replay reached " + revision);
    }
  }

  private Fault.Refused outOfRange(long atRevision) {
    return new Fault.Refused(
        Refusal.OFFSET_OUT_OF_RANGE,
        "revision " + atRevision + ", compacted " + compactedRevision() + ", newest " + revision);
  }

  private static SortedMap<String, Entry> withPrefix(
      TreePMap<String, Entry> entries, String prefix) {
    // Keys are ASCII, so this is above every key with the prefix and below every other above it.
    return prefix.isEmpty() ? entries : entries.subMap(prefix, prefix + Character.MAX_VALUE);
  }

  /** Everything a restart needs. */
  record Snapshot(
      long revision,
      long nextLease,
      List<Change.Granted> leases,
      TreePMap<String, Entry> entries) {}

  private record Version(long revision, TreePMap<String, Entry> entries, List<WatchEvent> events) {}

  /** What {@link #rollBack} returns to. */
  private record Mark(
      TreePMap<String, Entry> entries,
      long revision,
      long nextLease,
      TreePMap<Long, Lease> leases) {}

  private record Lease(long id, long ttlMs, long deadlineNs, TreePSet<String> keys) {

    Lease from(long nowNs) {
      return new Lease(id, ttlMs, nowNs + ttlMs * 1_000_000, keys);
    }

    Lease with(TreePSet<String> otherKeys) {
      return new Lease(id, ttlMs, deadlineNs, otherKeys);
    }
  }
}
