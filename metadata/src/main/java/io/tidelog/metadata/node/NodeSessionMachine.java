package io.tidelog.metadata.node;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.node.SessionStep.Request;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a node registered under a lease; memory only. Times are those of the monotonic clock. A
 * lease is counted on from the moment its renewal was <em>sent</em>, and for a tenth less than its
 * time to live, so that the store never ends it while this node still counts on it, unless the
 * store ends it early, which is cheap: another lease, the same registration, nothing is forgotten.
 * One request is under way at a time and an answer is matched by its id.
 */
public final class NodeSessionMachine {

  private static final long NO_LEASE = 0;
  private static final long NEVER = Long.MIN_VALUE;

  private final SessionLimits limits;
  private final UUID incarnation;

  private long lease = NO_LEASE;
  private long renewedNs;
  private long validUntilNs;
  private boolean valid;
  private boolean registered;
  private boolean wasRegistered;
  private long registeredRevision;
  private boolean occupied;
  private long occupiedSinceNs;

  private long requests;
  private @Nullable Request underWay;
  private long sentNs;
  private long restUntilNs = NEVER;
  private @Nullable Fault ended;

  public NodeSessionMachine(SessionLimits limits, UUID incarnation) {
    this.limits = limits;
    this.incarnation = incarnation;
  }

  /** What to do now; a request counts as sent at {@code nowNs}. */
  SessionStep decide(long nowNs) {
    if (ended != null) {
      return new SessionStep.End();
    }
    if (underWay != null) {
      long giveUpNs = sentNs + limits.requestTimeoutNs();
      if (nowNs - giveUpNs < 0) {
        return new SessionStep.Rest(giveUpNs);
      }
      underWay = null;
    }
    if (restUntilNs != NEVER && nowNs - restUntilNs < 0) {
      return new SessionStep.Rest(restUntilNs);
    }
    if (lease == NO_LEASE) {
      return send(new SessionStep.Grant(++requests), nowNs);
    }
    long renewNs = renewedNs + limits.heartbeatNs();
    if (nowNs - renewNs >= 0) {
      return send(new SessionStep.Renew(++requests, lease), nowNs);
    }
    return registered
        ? new SessionStep.Rest(renewNs)
        : send(new SessionStep.Register(++requests, lease), nowNs);
  }

  private SessionStep send(Request request, long nowNs) {
    underWay = request;
    sentNs = nowNs;
    restUntilNs = NEVER;
    return request;
  }

  void onGranted(long request, long newLease) {
    if (answers(request)) {
      lease = newLease;
      countFrom(limits.timeoutNs());
    }
  }

  /**
   * @param ttlMs the time to live that the store gave
   */
  void onRenewed(long request, long ttlMs) {
    if (answers(request)) {
      countFrom(Math.min(ttlMs * 1_000_000, limits.timeoutNs()));
    }
  }

  private void countFrom(long ttlNs) {
    renewedNs = sentNs;
    validUntilNs = sentNs + ttlNs - limits.marginNs();
    valid = true;
  }

  /**
   * @param revision the store's, of the registration
   */
  void onRegistered(long request, long revision) {
    if (answers(request)) {
      registered = true;
      wasRegistered = true;
      registeredRevision = revision;
      occupied = false;
    }
  }

  /** The id is another process' as yet, which may be dead and keep its lease for a while. */
  void onOccupied(long request, NodeRegistration other, long nowNs) {
    if (!answers(request)) {
      return;
    }
    if (!occupied) {
      occupied = true;
      occupiedSinceNs = nowNs;
    }
    if (wasRegistered || nowNs - occupiedSinceNs >= limits.occupiedNs()) {
      end(other);
    } else {
      restUntilNs = nowNs + limits.retryNs();
    }
  }

  /** The lease is gone. */
  void onLost(long request) {
    if (answers(request)) {
      lease = NO_LEASE;
      valid = false;
      registered = false;
    }
  }

  /** Nothing happened, or it is not known what; the same again does no harm. */
  void onFailed(long request, long nowNs) {
    if (answers(request)) {
      restUntilNs = nowNs + limits.retryNs();
    }
  }

  /** The store will not answer any more. */
  void onBroken(Fault fault) {
    if (ended == null) {
      ended = fault;
    }
  }

  /**
   * How this node stands in the store at a revision, or null when it does not.
   *
   * @return whether that changes what to do
   */
  boolean onSeen(long revision, @Nullable NodeRegistration seen) {
    if (!registered || revision < registeredRevision) {
      return false;
    }
    if (seen == null) {
      registered = false;
      return true;
    }
    if (!seen.incarnation().equals(incarnation)) {
      end(seen);
      return true;
    }
    return false;
  }

  private void end(NodeRegistration other) {
    registered = false;
    ended =
        new Fault.Fenced(
            "node id "
                + other.id()
                + " is in use by another live process, at "
                + other.internal()
                + "; give this node another node.id or data folder, or stop the other");
  }

  private boolean answers(long request) {
    if (underWay == null || underWay.id() != request || ended != null) {
      return false;
    }
    underWay = null;
    return true;
  }

  /** Whether others count on this node being alive. */
  public boolean isAlive(long nowNs) {
    return registered && valid && ended == null && nowNs - validUntilNs < 0;
  }

  boolean isRegistered() {
    return registered;
  }

  long lease() {
    return lease;
  }

  /** Why it has ended, or null. */
  @Nullable Fault ended() {
    return ended;
  }
}
