package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the cluster has agreed on about one segment log: who holds it, who may lead it, who leads
 * it. Every change is a compare-and-swap on {@code modRevision}; the methods that make changes keep
 * these promises, on which no acknowledged record being lost rests:
 *
 * <ul>
 *   <li>every member of the in-sync set and every electable replica has all that is committed,
 *       because a leader commits nothing while the in-sync set is smaller than {@code minInSync},
 *       and removed members stay electable until it is no longer (KIP-966);
 *   <li>a leader is taken from these only, and each term has one.
 * </ul>
 *
 * @param replicas nodes that hold the log or are to hold it, the preferred leader first
 * @param minInSync the smallest in-sync set that commits, 1 to the number of replicas
 * @param inSync members of the in-sync set; never empty
 * @param electable removed from the in-sync set while it was smaller than {@code minInSync}; none
 *     of them is in it
 * @param leader node that leads, or led last, in {@code term}; {@link #NO_LEADER} before the first
 * @param term of that leader; 0 before the first
 * @param modRevision the store's revision of the last change; 0 for one not stored yet
 */
public record LogRecord(
    LogId id,
    List<Integer> replicas,
    int minInSync,
    List<ReplicaId> inSync,
    List<ReplicaId> electable,
    int leader,
    long term,
    long modRevision) {

  public static final int NO_LEADER = -1;

  public LogRecord {
    replicas = List.copyOf(replicas);
    inSync = List.copyOf(inSync);
    electable = List.copyOf(electable);
    if (replicas.isEmpty() || new HashSet<>(replicas).size() != replicas.size()) {
      throw new IllegalArgumentException("log " + id + " on nodes " + replicas);
    }
    if (minInSync < 1 || minInSync > replicas.size()) {
      throw new IllegalArgumentException(
          "log " + id + " commits with " + minInSync + " of " + replicas.size() + " replicas");
    }
    var members = new HashSet<>(inSync);
    if (members.size() != inSync.size() || electable.stream().anyMatch(members::contains)) {
      throw new IllegalArgumentException(
          "log " + id + " in sync " + inSync + " and electable " + electable);
    }
  }

  /** Whether the in-sync set is large enough to commit. */
  public boolean commits() {
    return inSync.size() >= minInSync;
  }

  /** Whether this replica has all that is committed, and so may lead. */
  public boolean mayLead(ReplicaId replica) {
    return inSync.contains(replica) || electable.contains(replica);
  }

  /**
   * A candidate takes over in a new term. The old leader leaves the in-sync set, so that the new
   * one need not wait for it; it stays electable if the set is too small without it.
   *
   * @throws IllegalArgumentException when the candidate may not lead, or the term is not new
   */
  public LogRecord takenOverBy(ReplicaId candidate, long newTerm) {
    if (!mayLead(candidate) || newTerm <= term) {
      throw new IllegalArgumentException(
          candidate + " cannot take over " + this + " in term " + newTerm);
    }
    Set<ReplicaId> next = new LinkedHashSet<>(inSync);
    if (!next.contains(candidate)) {
      // Only an electable one is left to lead: whoever is in sync did not answer.
      next.clear();
    }
    next.removeIf(member -> member.nodeId() == leader && !member.equals(candidate));
    next.add(candidate);
    return withInSync(next, candidate.nodeId(), newTerm);
  }

  /**
   * The lead is to go to another member while its leader lives. Both stay in sync: the leader has
   * all that is committed, and takes the lead back if the other turns out not to be there.
   *
   * @throws IllegalArgumentException when the other is not in sync, or the term is not new
   */
  public LogRecord handedTo(ReplicaId member, long newTerm) {
    if (!inSync.contains(member) || newTerm <= term) {
      throw new IllegalArgumentException(
          this + " cannot be handed to " + member + " in term " + newTerm);
    }
    return new LogRecord(
        id, replicas, minInSync, inSync, electable, member.nodeId(), newTerm, modRevision);
  }

  /** The leader has found the replica to have all that is committed in its term. */
  public LogRecord grownBy(ReplicaId replica) {
    Set<ReplicaId> next = new LinkedHashSet<>(inSync);
    next.removeIf(member -> member.nodeId() == replica.nodeId());
    next.add(replica);
    return withInSync(next, leader, term);
  }

  /**
   * The leader goes on without these replicas, one of which it must not be itself.
   *
   * @throws IllegalArgumentException when nobody, or not the leader, would be left
   */
  public LogRecord shrunkBy(Set<ReplicaId> gone) {
    Set<ReplicaId> next = new LinkedHashSet<>(inSync);
    next.removeAll(gone);
    if (next.isEmpty()) {
      throw new IllegalArgumentException("nobody is left in sync of " + this);
    }
    if (leader != NO_LEADER && next.stream().noneMatch(member -> member.nodeId() == leader)) {
      throw new IllegalArgumentException("the leader would leave the in-sync set of " + this);
    }
    return withInSync(next, leader, term);
  }

  /**
   * The controller's wish: other nodes hold it; who is in sync does not change by it. A node that
   * is to hold it no more goes on until it is shrunk by, when those that are have come in sync.
   */
  public LogRecord heldBy(List<Integer> nodes) {
    return new LogRecord(id, nodes, minInSync, inSync, electable, leader, term, modRevision);
  }

  /** As stored. */
  public LogRecord at(long revision) {
    return new LogRecord(id, replicas, minInSync, inSync, electable, leader, term, revision);
  }

  private LogRecord withInSync(Set<ReplicaId> next, int newLeader, long newTerm) {
    Set<ReplicaId> mayLead = new LinkedHashSet<>(electable);
    mayLead.addAll(inSync);
    mayLead.removeAll(next);
    return new LogRecord(
        id,
        replicas,
        minInSync,
        List.copyOf(next),
        next.size() >= minInSync ? List.of() : List.copyOf(mayLead),
        newLeader,
        newTerm,
        modRevision);
  }
}
