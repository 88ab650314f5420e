package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One fetch whose partitions are led by several nodes. It is answered as soon as one of them has
 * enough, when a partition refuses, or when the wait is over; what the others find later is for the
 * next fetch. A partition that nobody leads is asked for again when somebody does. Lives on one
 * event loop.
 */
final class SpreadFetch implements FetchUnderWay {

  private static final long NS_PER_MS = 1_000_000;

  /** For less a node is not asked again. */
  private static final int MIN_WAIT_MS = 5;

  private final ConnectionFetches home;
  private final FetchLimits limits;
  private final Receiver receiver;
  private final List<SpreadPart> parts;
  private final Map<PartitionId, SpreadPart> byPartition = new HashMap<>();

  private @Nullable FetchTask local;
  private List<SpreadPart> localParts = List.of();
  private long deadlineNs;
  private int foundBytes;
  private boolean asking;
  private boolean done;
  private @Nullable Runnable cancelTimer;

  SpreadFetch(
      ConnectionFetches home,
      List<PartitionFetch> partitions,
      FetchLimits limits,
      Receiver receiver) {
    this.home = home;
    this.limits = limits;
    this.receiver = receiver;
    this.parts = new ArrayList<>(partitions.size());
    for (var partition : partitions) {
      parts.add(new SpreadPart(this, home.home(), partition));
    }
  }

  void start() {
    long nowNs = home.home().clock().monotonicNs();
    deadlineNs = nowNs + limits.maxWaitMs() * NS_PER_MS;
    for (var part : parts) {
      part.start();
      var id = part.partition();
      if (id != null) {
        byPartition.putIfAbsent(id, part);
      }
    }
    cancelTimer = home.home().lane().executeAt(deadlineNs, this::onDeadline);
    ask();
    maybeAnswer();
  }

  @Override
  public boolean isDone() {
    return done;
  }

  @Override
  public void cancel() {
    if (!done) {
      end();
      parts.forEach(SpreadPart::cancel);
      if (local != null) {
        local.cancel();
      }
      home.onEnded(this);
    }
  }

  /** How many partitions it has. */
  int size() {
    return parts.size();
  }

  /** Bytes were found. */
  void onFound(int bytes) {
    foundBytes += bytes;
  }

  /** Bytes that still fit into the answer; one batch does in any case. */
  int room() {
    return Math.clamp((long) limits.maxBytes() - foundBytes, 0, home.home().answers().share());
  }

  boolean hasRoomFor(int sizeBytes) {
    return foundBytes == 0 || sizeBytes <= limits.maxBytes() - foundBytes;
  }

  boolean foundNothing() {
    return foundBytes == 0;
  }

  /** A read from the cold tier has ended. */
  void onReadEnded() {
    ask();
    maybeAnswer();
  }

  /** Takes an answer of a node, unless it is not what is wanted of that node now. */
  boolean take(int node, PartitionId id, PartitionFetch ask, PartitionAnswer answer) {
    var part = byPartition.get(id);
    if (done || part == null || !part.wants(node, ask)) {
      return false;
    }
    part.onAnswered(answer);
    return true;
  }

  /**
   * A node has answered.
   *
   * @param last it is not asked for anything more
   */
  void onNodeDone(int node, boolean last) {
    if (!done) {
      if (last) {
        parts.forEach(part -> part.onNodeDone(node));
      }
      maybeAnswer();
      ask();
      maybeAnswer();
    }
  }

  void onNodeLost(int node) {
    if (!done) {
      parts.forEach(part -> part.onNodeLost(node));
      ask();
    }
  }

  /** Perhaps somebody else leads now. */
  void onRetry() {
    ask();
    maybeAnswer();
  }

  /** Asks whoever leads for what is not known yet. */
  private void ask() {
    if (done || asking) {
      return;
    }
    asking = true;
    long nowNs = home.home().clock().monotonicNs();
    Map<Integer, Map<PartitionId, PartitionFetch>> wanted = new LinkedHashMap<>();
    var touched = new LinkedHashSet<Integer>();
    boolean holding = false;
    List<SpreadPart> here = new ArrayList<>();
    for (var part : parts) {
      var id = part.partition();
      if (id == null || !part.isOpen()) {
        continue;
      }
      int node = part.route(home.nodes(), nowNs);
      if (node == NodeFetches.HERE) {
        here.add(part);
      } else if (node == NodeFetches.NOBODY) {
        holding = true;
      } else {
        wanted.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(id, part.askById(id));
        if (!part.isAnswered()) {
          touched.add(node);
        }
      }
    }
    home.nodes().holdOn(holding);
    long leftMs = (deadlineNs - nowNs) / NS_PER_MS;
    readHere(here, leftMs);
    askNodes(wanted, touched, leftMs);
    asking = false;
  }

  /** What is led here is read in one go, and waits here. */
  private void readHere(List<SpreadPart> here, long leftMs) {
    if (local != null && !localParts.equals(here)) {
      local.answerNow();
    }
    var wanted = here.stream().filter(SpreadPart::isOpen).toList();
    boolean worthIt = leftMs >= MIN_WAIT_MS || wanted.stream().anyMatch(part -> !part.isAnswered());
    if (local != null || wanted.isEmpty() || !worthIt) {
      return;
    }
    localParts = wanted;
    var begun =
        home.home()
            .fetch(
                wanted.stream().map(SpreadPart::ask).toList(),
                new FetchLimits(
                    limits.minBytes(), room(), Math.clamp(leftMs, 0, limits.maxWaitMs())),
                (answers, _) -> onReadHere(wanted, answers));
    if (!begun.isDone()) {
      local = begun;
    }
  }

  private void onReadHere(List<SpreadPart> from, List<PartitionAnswer> answers) {
    local = null;
    for (int i = 0; i < answers.size(); i++) {
      from.get(i).onAnsweredHere(answers.get(i));
    }
    if (!asking && !done) {
      maybeAnswer();
      ask();
      maybeAnswer();
    }
  }

  private void askNodes(
      Map<Integer, Map<PartitionId, PartitionFetch>> wanted,
      LinkedHashSet<Integer> unanswered,
      long leftMs) {
    for (var entry : wanted.entrySet()) {
      int node = entry.getKey();
      boolean first = unanswered.contains(node);
      if (first || home.isAsked(node) || leftMs >= MIN_WAIT_MS) {
        int waitMs = Math.clamp(leftMs, 0, limits.maxWaitMs());
        home.ask(node, entry.getValue(), new FetchLimits(limits.minBytes(), room(), waitMs));
      }
    }
  }

  private void maybeAnswer() {
    if (!done && !asking && isAnswerable()) {
      answer();
    }
  }

  private boolean isAnswerable() {
    if (foundBytes > 0 && foundBytes >= limits.minBytes()) {
      return true;
    }
    boolean all = true;
    for (var part : parts) {
      if (part.isUrgent()) {
        return true;
      }
      all &= part.isAnswered();
    }
    boolean hurry = limits.minBytes() == 0 || limits.maxWaitMs() == 0 || parts.isEmpty();
    long leftNs = deadlineNs - home.home().clock().monotonicNs();
    return all && (hurry || leftNs < MIN_WAIT_MS * NS_PER_MS);
  }

  private void onDeadline() {
    if (done) {
      return;
    }
    if (parts.stream().noneMatch(part -> part.isAsked(home))) {
      answer();
    } else {
      cancelTimer =
          home.home().lane().executeAt(deadlineNs + home.graceMs() * NS_PER_MS, this::onWaitOver);
    }
  }

  private void onWaitOver() {
    if (!done) {
      answer();
    }
  }

  private void answer() {
    end();
    if (local != null) {
      local.answerNow();
    }
    var answers = new ArrayList<PartitionAnswer>(parts.size());
    for (var part : parts) {
      var id = part.partition();
      answers.add(part.takeAnswer(id == null ? null : home.lastKnown(id)));
    }
    home.onEnded(this);
    receiver.onAnswered(answers, 0);
  }

  private void end() {
    done = true;
    if (cancelTimer != null) {
      cancelTimer.run();
      cancelTimer = null;
    }
  }
}
