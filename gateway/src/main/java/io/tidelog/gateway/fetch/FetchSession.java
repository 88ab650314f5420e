package io.tidelog.gateway.fetch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What a client wants and what it was told last, so that it sends and gets only what changed
 * (KIP-227). Owned by {@link FetchSessions}.
 */
final class FetchSession {

  private static final long SESSION_BYTES = 256;
  private static final long MEMBER_BYTES = 320;

  static final int INITIAL_EPOCH = 0;
  static final int FINAL_EPOCH = -1;

  private final int id;
  private final boolean byTopicId;
  private final long createdMs;

  /** In the order in which partitions get their turn; who got records goes to the end. */
  private final LinkedHashMap<FetchKey, Member> members = new LinkedHashMap<>();

  private long namesBytes;
  private int epoch = nextEpoch(INITIAL_EPOCH);
  private long lastUsedMs;

  FetchSession(int id, boolean byTopicId, long nowMs) {
    this.id = id;
    this.byTopicId = byTopicId;
    this.createdMs = nowMs;
    this.lastUsedMs = nowMs;
  }

  /** Epochs run from 1 up and after the largest int again from 1. */
  static int nextEpoch(int epoch) {
    return epoch == Integer.MAX_VALUE ? 1 : Math.max(epoch, 0) + 1;
  }

  int id() {
    return id;
  }

  int epoch() {
    return epoch;
  }

  boolean isByTopicId() {
    return byTopicId;
  }

  long createdMs() {
    return createdMs;
  }

  long lastUsedMs() {
    return lastUsedMs;
  }

  int size() {
    return members.size();
  }

  /** Memory, as estimated. */
  long sizeBytes() {
    return SESSION_BYTES + MEMBER_BYTES * members.size() + namesBytes;
  }

  void onUsed(long nowMs) {
    lastUsedMs = nowMs;
    epoch = nextEpoch(epoch);
  }

  /** A partition asked for again keeps its place and what was told about it. */
  void update(List<PartitionFetch> added, List<FetchKey> forgotten) {
    for (var ask : added) {
      var member = members.get(ask.key());
      if (member == null) {
        members.put(ask.key(), new Member(ask));
        namesBytes += ask.key().topic().length();
      } else {
        member.ask = ask;
      }
    }
    for (var key : forgotten) {
      if (members.remove(key) != null) {
        namesBytes -= key.topic().length();
      }
    }
  }

  List<PartitionFetch> asks() {
    var asks = new ArrayList<PartitionFetch>(members.size());
    for (var member : members.values()) {
      asks.add(member.ask);
    }
    return asks;
  }

  /** Remembers everything a full answer told. */
  void onFullAnswer(List<PartitionAnswer> answers) {
    for (var answer : answers) {
      var member = members.get(answer.key());
      if (member != null) {
        member.mustTell(answer);
        maybeMoveToEnd(answer, member);
      }
    }
  }

  /** The answers that tell something new; the others are dropped, which holds no bytes. */
  List<PartitionAnswer> onIncrementalAnswer(List<PartitionAnswer> answers) {
    var news = new ArrayList<PartitionAnswer>();
    for (var answer : answers) {
      var member = members.get(answer.key());
      if (member == null) {
        answer.bytes().close(); // forgotten while its fetch was under way
      } else if (member.mustTell(answer)) {
        news.add(answer);
        maybeMoveToEnd(answer, member);
      }
    }
    return news;
  }

  private void maybeMoveToEnd(PartitionAnswer answer, Member member) {
    if (answer.bytes().sizeBytes() > 0) {
      members.remove(answer.key());
      members.put(answer.key(), member);
    }
  }

  private static final class Member {

    private static final long NOTHING_TOLD = -1;

    private PartitionFetch ask;
    private long toldHighWatermark = NOTHING_TOLD;
    private long toldLogStart = NOTHING_TOLD;

    private Member(PartitionFetch ask) {
      this.ask = ask;
    }

    private boolean mustTell(PartitionAnswer answer) {
      if (!answer.isKnown()) {
        return false;
      }
      boolean news =
          answer.isNews()
              || answer.highWatermark() != toldHighWatermark
              || answer.logStartOffset() != toldLogStart;
      // After an error the partition is told again as soon as it is well.
      toldHighWatermark = answer.error() == null ? answer.highWatermark() : NOTHING_TOLD;
      toldLogStart = answer.logStartOffset();
      return news;
    }
  }
}
