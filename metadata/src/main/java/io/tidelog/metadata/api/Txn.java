package io.tidelog.metadata.api;

import java.util.ArrayList;
import java.util.List;

/**
 * A transaction: when every compare holds then {@code thenOps}, else {@code elseOps}. No key may
 * occur twice in one list of operations that puts or deletes.
 */
public record Txn(List<Compare> compares, List<Op> thenOps, List<Op> elseOps) {

  public Txn {
    compares = List.copyOf(compares);
    thenOps = List.copyOf(thenOps);
    elseOps = List.copyOf(elseOps);
  }

  public static Builder when(Compare... compares) {
    return new Builder(List.of(compares));
  }

  /** What must hold of one key; revision 0 stands for a key that does not exist. */
  public sealed interface Compare {

    String key();

    record CreateRevision(String key, long revision) implements Compare {}

    record ModRevision(String key, long revision) implements Compare {}

    static Compare absent(String key) {
      return new CreateRevision(key, 0);
    }

    static Compare createdAt(String key, long revision) {
      return new CreateRevision(key, revision);
    }

    static Compare unchangedSince(String key, long revision) {
      return new ModRevision(key, revision);
    }
  }

  /** One operation on one key. */
  public sealed interface Op {

    String key();

    /**
     * @param value taken: the caller changes it no more
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Put(String key, byte[] value, long lease) implements Op {}

    record Delete(String key) implements Op {}

    /** Reads the key as the operations before it left it. */
    record Get(String key) implements Op {}
  }

  /** Collects a transaction. */
  public static final class Builder {

    private final List<Compare> compares;
    private final List<Op> thenOps = new ArrayList<>();
    private final List<Op> elseOps = new ArrayList<>();

    private Builder(List<Compare> compares) {
      this.compares = compares;
    }

    public Builder put(String key, byte[] value) {
      return put(key, value, Entry.NO_LEASE);
    }

    public Builder put(String key, byte[] value, long lease) {
      thenOps.add(new Op.Put(key, value, lease));
      return this;
    }

    public Builder delete(String key) {
      thenOps.add(new Op.Delete(key));
      return this;
    }

    public Builder elseGet(String key) {
      elseOps.add(new Op.Get(key));
      return this;
    }

    public Txn build() {
      return new Txn(compares, thenOps, elseOps);
    }
  }
}
