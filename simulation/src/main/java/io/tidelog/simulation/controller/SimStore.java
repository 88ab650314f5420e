package io.tidelog.simulation.controller;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.RangeResult;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.simulation.log.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a store of metadata holds, without faults: entries, versions of them, leases. */
final class SimStore {

  private static final int VERSIONS = 60;

  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private final TreeMap<Long, SortedMap<String, Entry>> versions = new TreeMap<>();
  private final TreeMap<Long, Lease> leases = new TreeMap<>();
  private final ChangeListener listener;
  private long revision = 1;
  private long nextLease = 1;

  private record Lease(long ttlMs, long deadlineNs, TreeSet<String> keys) {}

  /** Told at once of each change. */
  interface ChangeListener {
    void onChanged(long revision, List<WatchEvent> events);
  }

  SimStore(ChangeListener listener) {
    this.listener = listener;
    versions.put(revision, new TreeMap<>());
  }

  @Nullable Entry get(String key) {
    return entries.get(key);
  }

  long revision() {
    return revision;
  }

  /** The oldest version that is kept, and later ones. */
  List<Long> revisions() {
    return List.copyOf(versions.keySet());
  }

  RangeResult range(String prefix, long atRevision) {
    var at = versions.get(atRevision == MetadataStore.NEWEST ? revision : atRevision);
    if (at == null) {
      throw new Fault.Retriable("revision " + atRevision + " is gone");
    }
    var found = at.tailMap(prefix).values().stream().filter(e -> e.key().startsWith(prefix));
    return new RangeResult(
        atRevision == MetadataStore.NEWEST ? revision : atRevision, found.toList(), false);
  }

  TxnResult txn(Txn txn) {
    boolean held = txn.compares().stream().allMatch(this::holds);
    var ops = held ? txn.thenOps() : txn.elseOps();
    if (ops.size() > MetadataStore.MAX_TXN_OPS
        || txn.compares().size() > MetadataStore.MAX_TXN_OPS) {
      throw new Violation("a transaction of " + ops.size() + " operations");
    }
    List<Entry> read = new ArrayList<>();
    List<WatchEvent> events = new ArrayList<>();
    for (var op : ops) {
      switch (op) {
        case Txn.Op.Get get -> {
          var entry = entries.get(get.key());
          if (entry != null) {
            read.add(entry);
          }
        }
        case Txn.Op.Put put -> put(put, events);
        case Txn.Op.Delete delete -> delete(delete.key(), events);
      }
    }
    publish(events);
    return new TxnResult(held, revision, read);
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

  private void put(Txn.Op.Put put, List<WatchEvent> events) {
    var old = entries.get(put.key());
    detach(old);
    long created = old == null ? revision + 1 : old.createRevision();
    var entry = new Entry(put.key(), put.value(), created, revision + 1, put.lease());
    if (put.lease() != Entry.NO_LEASE) {
      leaseOrThrow(put.lease()).keys().add(put.key());
    }
    entries.put(put.key(), entry);
    events.add(new WatchEvent.Put(entry));
  }

  private void detach(@Nullable Entry old) {
    if (old != null && leases.containsKey(old.lease())) {
      leaseOrThrow(old.lease()).keys().remove(old.key());
    }
  }

  private void delete(String key, List<WatchEvent> events) {
    var old = entries.remove(key);
    detach(old);
    if (old != null) {
      events.add(new WatchEvent.Deleted(key, revision + 1));
    }
  }

  private void publish(List<WatchEvent> events) {
    if (!events.isEmpty()) {
      revision++;
      versions.put(revision, new TreeMap<>(entries));
      if (versions.size() > VERSIONS) {
        versions.pollFirstEntry();
      }
      listener.onChanged(revision, events);
    }
  }

  private Lease leaseOrThrow(long lease) {
    var found = leases.get(lease);
    if (found == null) {
      throw new Fault.Fenced("lease " + lease + " is gone");
    }
    return found;
  }

  long grant(long ttlMs, long nowNs) {
    leases.put(nextLease, new Lease(ttlMs, nowNs + ttlMs * 1_000_000, new TreeSet<>()));
    return nextLease++;
  }

  long keepAlive(long lease, long nowNs) {
    var found = leaseOrThrow(lease);
    leases.put(lease, new Lease(found.ttlMs(), nowNs + found.ttlMs() * 1_000_000, found.keys()));
    return found.ttlMs();
  }

  void revoke(long lease) {
    var gone = leases.remove(lease);
    if (gone != null) {
      List<WatchEvent> events = new ArrayList<>();
      List.copyOf(gone.keys()).forEach(key -> delete(key, events));
      publish(events);
    }
  }

  /** Ends leases whose time is over. */
  void expire(long nowNs) {
    for (var lease : List.copyOf(leases.entrySet())) {
      if (lease.getValue().deadlineNs() <= nowNs) {
        revoke(lease.getKey());
      }
    }
  }

  /** As after a failure of the store itself: any lease may end early. */
  void endLease(int number) {
    if (!leases.isEmpty()) {
      revoke(List.copyOf(leases.keySet()).get(number % leases.size()));
    }
  }
}
