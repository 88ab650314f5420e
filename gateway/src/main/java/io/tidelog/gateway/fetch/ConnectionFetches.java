package io.tidelog.gateway.fetch;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The fetches of one client's connection from several nodes, one after the other, as they are
 * answered. What a node is asked outlasts the fetch that wanted it: the next one takes it over, and
 * what comes in between is kept for it by {@link LateReads}. Belongs to the connection's event
 * loop.
 */
public final class ConnectionFetches implements AutoCloseable {

  /** Beyond those of the fetch under way; what is known of others is forgotten. */
  private static final int MAX_KNOWN_MORE = 1_000;

  private final FetchLane home;
  private final NodeFetches nodes;
  private final int graceMs;

  /** What each node is asked now, by partition. */
  private final Map<Integer, Asked> asked = new HashMap<>();

  /** What leaders said last of their ends. */
  private final Map<PartitionId, PartitionSnapshot> known = new HashMap<>();

  private final Queue<SpreadFetch> waiting = new ArrayDeque<>();
  private @Nullable SpreadFetch active;
  private boolean closed;

  /**
   * @param graceMs how long a fetch waits for nodes beyond its own time
   */
  public ConnectionFetches(FetchLane home, NodeFetches nodes, int graceMs) {
    this.home = home;
    this.nodes = nodes;
    this.graceMs = graceMs;
  }

  /**
   * Starts a fetch when those before it are answered; {@code receiver} may be told in this call.
   */
  public FetchUnderWay fetch(
      List<PartitionFetch> partitions, FetchLimits limits, FetchUnderWay.Receiver receiver) {
    var fetch = new SpreadFetch(this, partitions, limits, receiver);
    waiting.add(fetch);
    startNext();
    return fetch;
  }

  /** Perhaps somebody else leads now. */
  public void retry() {
    if (active != null) {
      active.onRetry();
    }
  }

  /** The connection is gone; its pipes are closed by whoever made them. */
  @Override
  public void close() {
    closed = true;
    if (active != null) {
      active.cancel();
    }
    waiting.clear();
    nodes.holdOn(false);
  }

  FetchLane home() {
    return home;
  }

  NodeFetches nodes() {
    return nodes;
  }

  int graceMs() {
    return graceMs;
  }

  void onEnded(SpreadFetch fetch) {
    waiting.remove(fetch);
    if (active == fetch) {
      active = null;
      nodes.holdOn(false);
      if (!waiting.isEmpty()) {
        home.lane().execute(this::startNext); // never within the answer of the one before
      }
    }
  }

  /** What is known of a partition whose leader has not answered. */
  @Nullable PartitionSnapshot lastKnown(PartitionId partition) {
    return known.get(partition);
  }

  /** Whether a node is being asked for something. */
  boolean isAsked(int node) {
    return asked.containsKey(node);
  }

  /** Asks a node for just these, unless that is what it is asked already. */
  void ask(int node, Map<PartitionId, PartitionFetch> wanted, FetchLimits limits) {
    var now = asked.get(node);
    if (now != null && now.partitions.equals(wanted)) {
      return;
    }
    var next = new Asked(node, new LinkedHashMap<>(wanted));
    asked.put(node, next);
    nodes.fetch(node, List.copyOf(wanted.values()), limits, next);
  }

  private void startNext() {
    if (active == null && !closed) {
      var next = waiting.poll();
      if (next != null) {
        active = next;
        next.start();
      }
    }
  }

  private void onAnswered(Asked from, List<PartitionAnswer> answers) {
    boolean last = asked.remove(from.node, from);
    for (var answer : answers) {
      deliver(from, answer);
    }
    if (active != null) {
      active.onNodeDone(from.node, last);
    }
  }

  private void deliver(Asked from, PartitionAnswer answer) {
    var id = answer.key().id();
    var ask = id == null ? null : from.partitions.get(id);
    if (id == null || ask == null) {
      answer.bytes().close();
      return;
    }
    if (answer.at() != null) {
      remember(id, answer.at());
    }
    if (active == null || !active.take(from.node, id, ask, answer)) {
      keep(id, ask, answer);
    }
  }

  private void remember(PartitionId id, PartitionSnapshot at) {
    int wanted = active == null ? 0 : active.size();
    if (known.size() >= wanted + MAX_KNOWN_MORE && !known.containsKey(id)) {
      known.clear();
    }
    known.put(id, at);
  }

  /** For the fetch to come, which most likely asks for the same. */
  private void keep(PartitionId id, PartitionFetch ask, PartitionAnswer answer) {
    if (closed || answer.bytes().sizeBytes() == 0 || answer.at() == null) {
      answer.bytes().close();
      return;
    }
    var found = new ReadResult.Records(answer.at(), answer.bytes());
    var request =
        new ReadRequest(id, ask.fetchOffset(), ask.maxBytes(), true, ReadRequest.UpTo.VISIBLE_END);
    var read = new SlowRead(home.lane(), told -> told.onCompleted(found), null, request);
    read.start();
    home.lateReads().adopt(read);
  }

  private void onLost(Asked from) {
    if (asked.remove(from.node, from) && active != null) {
      active.onNodeLost(from.node);
    }
  }

  /** One fetch from a node, until it is answered. */
  private final class Asked implements NodeFetches.Receiver {

    private final int node;
    private final Map<PartitionId, PartitionFetch> partitions;

    private Asked(int node, Map<PartitionId, PartitionFetch> partitions) {
      this.node = node;
      this.partitions = partitions;
    }

    @Override
    public void onAnswered(List<PartitionAnswer> answers) {
      ConnectionFetches.this.onAnswered(this, answers);
    }

    @Override
    public void onLost() {
      ConnectionFetches.this.onLost(this);
    }
  }
}
