package io.tidelog.gateway.fetch;

import io.tidelog.gateway.fetch.SessionDecision.Full;
import io.tidelog.gateway.fetch.SessionDecision.Incremental;
import io.tidelog.gateway.fetch.SessionDecision.Rejected;
import io.tidelog.gateway.fetch.SessionDecision.SessionError;
import io.tidelog.gateway.fetch.SessionDecision.Sessionless;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The fetch sessions of one event loop (KIP-227). A client that comes back over another connection
 * and another loop is told that its session is unknown and opens a new one, as after an eviction;
 * so loops share nothing.
 *
 * <p>At a limit a session unused for {@code minEvictionMs} makes room, else one of that age that is
 * smaller than the new one, else the client fetches without.
 */
public final class FetchSessions {

  public static final int NO_SESSION = 0;

  private final Limits limits;
  private final RandomGenerator ids;

  /** The one unused for the longest time first. */
  private final LinkedHashMap<Integer, FetchSession> sessions = new LinkedHashMap<>();

  private long bytes;
  private long evictions;
  private volatile int publishedSize;
  private volatile long publishedEvictions;

  public FetchSessions(Limits limits, RandomGenerator ids) {
    this.limits = limits;
    this.ids = ids;
  }

  /**
   * What the sessions of one loop may take.
   *
   * @param maxBytes of memory, as estimated
   */
  public record Limits(int maxSessions, long maxBytes, long minEvictionMs) {}

  /** What to read for {@code request}; advances the session's epoch. */
  public SessionDecision decide(SessionRequest request, long nowMs) {
    if (request.isFull()) {
      remove(request.sessionId());
      return request.epoch() == FetchSession.FINAL_EPOCH
          ? new Sessionless(request.partitions())
          : new Full(request.byTopicId(), request.partitions());
    }
    var session = sessions.get(request.sessionId());
    if (session == null) {
      return new Rejected(SessionError.FETCH_SESSION_ID_NOT_FOUND);
    }
    if (session.epoch() != request.epoch()) {
      return new Rejected(SessionError.INVALID_FETCH_SESSION_EPOCH);
    }
    if (session.isByTopicId() != request.byTopicId()) {
      return new Rejected(SessionError.FETCH_SESSION_TOPIC_ID_ERROR);
    }
    remove(session.id());
    session.update(request.partitions(), request.forgotten());
    if (session.size() == 0) {
      return new Sessionless(List.of());
    }
    if (bytes + session.sizeBytes() > limits.maxBytes()) {
      return new Rejected(SessionError.FETCH_SESSION_ID_NOT_FOUND);
    }
    session.onUsed(nowMs);
    put(session);
    return new Incremental(session.id(), session.epoch(), session.asks());
  }

  /** Takes the answers read for {@code decision} and gives those to tell. */
  public SessionAnswer answer(SessionDecision decision, List<PartitionAnswer> answers, long nowMs) {
    return switch (decision) {
      case Sessionless _ -> new SessionAnswer(null, NO_SESSION, answers);
      case Full full -> new SessionAnswer(null, maybeOpen(full, answers, nowMs), answers);
      case Incremental incremental -> answerIncremental(incremental, answers);
      case Rejected rejected -> {
        answers.forEach(answer -> answer.bytes().close());
        yield new SessionAnswer(rejected.error(), NO_SESSION, List.of());
      }
    };
  }

  /** From any thread: sessions open now. */
  public int size() {
    return publishedSize;
  }

  /** From any thread: sessions that had to make room since the start. */
  public long evictions() {
    return publishedEvictions;
  }

  private SessionAnswer answerIncremental(Incremental incremental, List<PartitionAnswer> answers) {
    var session = sessions.get(incremental.sessionId());
    if (session == null || session.epoch() != incremental.epoch()) {
      answers.forEach(answer -> answer.bytes().close());
      return new SessionAnswer(SessionError.INVALID_FETCH_SESSION_EPOCH, NO_SESSION, List.of());
    }
    return new SessionAnswer(null, session.id(), session.onIncrementalAnswer(answers));
  }

  private int maybeOpen(Full full, List<PartitionAnswer> answers, long nowMs) {
    int id;
    do {
      id = ids.nextInt(1, Integer.MAX_VALUE);
    } while (sessions.containsKey(id));
    var session = new FetchSession(id, full.byTopicId(), nowMs);
    session.update(full.partitions(), List.of());
    if (!tryMakeRoom(session, nowMs)) {
      return NO_SESSION;
    }
    session.onFullAnswer(answers);
    put(session);
    return id;
  }

  private boolean tryMakeRoom(FetchSession session, long nowMs) {
    while (sessions.size() >= limits.maxSessions()
        || bytes + session.sizeBytes() > limits.maxBytes()) {
      if (session.sizeBytes() > limits.maxBytes() || !tryEvict(session.size(), nowMs)) {
        return false;
      }
    }
    return true;
  }

  private void put(FetchSession session) {
    sessions.put(session.id(), session);
    bytes += session.sizeBytes();
    publishedSize = sessions.size();
  }

  private void remove(int id) {
    var session = sessions.remove(id);
    if (session != null) {
      bytes -= session.sizeBytes();
      publishedSize = sessions.size();
    }
  }

  private boolean tryEvict(int newSize, long nowMs) {
    var victim = victim(newSize, nowMs);
    if (victim == null) {
      return false;
    }
    remove(victim.id());
    evictions++;
    publishedEvictions = evictions;
    return true;
  }

  private @Nullable FetchSession victim(int newSize, long nowMs) {
    var first = sessions.firstEntry();
    if (first == null) {
      return null;
    }
    var unused = first.getValue();
    if (nowMs - unused.lastUsedMs() > limits.minEvictionMs()) {
      return unused;
    }
    FetchSession smallest = null;
    for (var session : sessions.values()) {
      boolean old = nowMs - session.createdMs() > limits.minEvictionMs();
      if (old
          && session.size() < newSize
          && (smallest == null || session.size() < smallest.size())) {
        smallest = session;
      }
    }
    return smallest;
  }
}
