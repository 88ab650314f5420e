package io.tidelog.gateway.fetch;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch from several nodes: who is asked for it, what was found, or the read
 * from the cold tier that is still looking. Owned by its {@link SpreadFetch}.
 */
final class SpreadPart implements SlowRead.Taker {

  private static final long BACKOFF_NS = 50_000_000;

  /** Objects that are gone when they are read; the leader knows by which they were replaced. */
  private static final int MAX_COLD_FAULTS = 3;

  private final SpreadFetch fetch;
  private final FetchLane home;
  private final PartitionFetch ask;
  private @Nullable PartitionId partition;

  private int node = NodeFetches.NOBODY;
  private @Nullable PartitionAnswer answer;

  /** What was answered is nothing that a client would be told before its time. */
  private boolean empty;

  private @Nullable SlowRead cold;
  private int coldFaults;

  /** A node that did not lead, or was lost, is not asked again before a time. */
  private int failedNode = NodeFetches.NOBODY;

  private long notBeforeNs;

  SpreadPart(SpreadFetch fetch, FetchLane home, PartitionFetch ask) {
    this.fetch = fetch;
    this.home = home;
    this.ask = ask;
  }

  PartitionFetch ask() {
    return ask;
  }

  /** Null for one that does not exist. */
  @Nullable PartitionId partition() {
    return partition;
  }

  /** As other nodes are asked, by topic id. */
  PartitionFetch askById(PartitionId id) {
    return ask.key().isById()
        ? ask
        : new PartitionFetch(
            FetchKey.of(id.topicId(), id.partition()),
            ask.fetchOffset(),
            ask.maxBytes(),
            ask.currentLeaderEpoch(),
            ask.lastFetchedEpoch());
  }

  void start() {
    var topic = home.directory().topic(ask.key());
    int index = ask.key().partition();
    if (topic == null || index < 0 || index >= topic.partitionCount()) {
      set(PartitionAnswer.refused(ask.key(), home.directory().explain(ask.key())));
      return;
    }
    var id = topic.partition(index);
    partition = id;
    var late = home.lateReads().take(id, ask.fetchOffset());
    if (late != null) {
      follow(late);
    }
  }

  /** Whether something is to be asked for it. */
  boolean isOpen() {
    return cold == null && (answer == null || empty);
  }

  /** Whether whoever leads it has said something, at least that there is nothing yet. */
  boolean isAnswered() {
    return answer != null;
  }

  /** Whether its leader is about to say something. */
  boolean isAsked(ConnectionFetches nodes) {
    return answer == null && cold == null && nodes.isAsked(node);
  }

  boolean isUrgent() {
    return answer != null && answer.isUrgent();
  }

  /** Who is to be asked now. */
  int route(NodeFetches nodes, long nowNs) {
    if (partition == null) {
      throw new IllegalStateException("nobody leads what does not exist");
    }
    int leader = nodes.leaderOf(partition);
    boolean tooSoon = leader == failedNode && nowNs - notBeforeNs < 0;
    node = tooSoon ? NodeFetches.NOBODY : leader;
    return node;
  }

  boolean wants(int from, PartitionFetch asked) {
    return node == from && isOpen() && asked.fetchOffset() == ask.fetchOffset();
  }

  void onAnswered(PartitionAnswer found) {
    if (isNotLed(found)) {
      fail();
    } else if (!found.cold().isEmpty() && found.at() != null && home.cold() != null) {
      readCold(found);
    } else {
      set(found.named(ask.key()).counted(home.answers()));
    }
  }

  void onAnsweredHere(PartitionAnswer found) {
    if (isNotLed(found)) {
      fail();
    } else {
      set(found);
    }
  }

  /** The node has answered everything it was asked. */
  void onNodeDone(int from) {
    if (node == from && answer == null && cold == null && failedNode != from) {
      fail(); // it left the partition out
    }
  }

  void onNodeLost(int from) {
    if (node == from && isOpen()) {
      fail();
    }
  }

  /** Gives the answer and its bytes; a read that is still looking looks on for the next fetch. */
  PartitionAnswer takeAnswer(@Nullable PartitionSnapshot lastKnown) {
    if (cold != null) {
      home.lateReads().adopt(endCold(cold));
    }
    if (answer != null) {
      return answer;
    }
    return lastKnown == null
        ? PartitionAnswer.unknown(ask.key())
        : PartitionAnswer.empty(ask.key(), lastKnown);
  }

  void cancel() {
    if (cold != null) {
      endCold(cold).abandon();
    }
    if (answer != null) {
      answer.bytes().close();
      answer = null;
    }
  }

  @Override
  public void onRead(SlowRead read) {
    accept(endCold(read));
    fetch.onReadEnded();
  }

  private void fail() {
    failedNode = node;
    notBeforeNs = home.clock().monotonicNs() + BACKOFF_NS;
    node = NodeFetches.NOBODY;
  }

  /** A node that knows nothing of the partition has an older picture than this one. */
  private boolean isNotLed(PartitionAnswer found) {
    return found.error() == Refusal.NOT_LEADER_OR_FOLLOWER
        || ((found.error() == Refusal.UNKNOWN_TOPIC_ID
                || found.error() == Refusal.UNKNOWN_TOPIC_OR_PARTITION)
            && home.directory().topic(ask.key()) != null);
  }

  private void readCold(PartitionAnswer found) {
    var at = found.at();
    var id = partition;
    if (at == null || id == null) {
      throw new IllegalStateException("references without ends");
    }
    int maxBytes = Math.clamp(fetch.room(), 0, ask.maxBytes());
    var request =
        new ReadRequest(
            id, ask.fetchOffset(), maxBytes, fetch.foundNothing(), ReadRequest.UpTo.VISIBLE_END);
    if (maxBytes == 0 && !fetch.foundNothing()) {
      set(PartitionAnswer.empty(ask.key(), at));
      return;
    }
    var told = new ReadResult.Cold(at, found.cold());
    var read = new SlowRead(home.lane(), new OnceTold(told), home.cold(), request);
    read.start();
    follow(read);
  }

  private void follow(SlowRead read) {
    if (read.result() == null) {
      cold = read;
      home.answers().reserve(read.request().maxBytes());
      read.setTaker(this);
    } else {
      accept(read);
    }
  }

  private SlowRead endCold(SlowRead read) {
    cold = null;
    home.answers().release(read.request().maxBytes());
    return read;
  }

  private void accept(SlowRead read) {
    var key = ask.key();
    switch (read.result()) {
      case ReadResult.Records(var at, var bytes) when fetch.hasRoomFor(bytes.sizeBytes()) ->
          set(PartitionAnswer.records(key, at, home.answers().counted(bytes)));
      case ReadResult.Records(var at, _) -> {
        home.lateReads().adopt(read);
        set(PartitionAnswer.empty(key, at));
      }
      case ReadResult.Failed(Fault.Retriable _) when coldFaults < MAX_COLD_FAULTS -> {
        coldFaults++;
        node = NodeFetches.NOBODY; // the leader is asked again
      }
      case ReadResult.Failed(Fault.Refused refused) ->
          set(PartitionAnswer.refused(key, refused.refusal()));
      case ReadResult.OutOfRange _ ->
          set(PartitionAnswer.refused(key, Refusal.OFFSET_OUT_OF_RANGE));
      case ReadResult.Failed _, ReadResult.UnknownPartition _, ReadResult.Cold _ ->
          set(PartitionAnswer.refused(key, Refusal.KAFKA_STORAGE_ERROR));
      case null -> throw new IllegalStateException("a read ended without a result");
    }
  }

  private void set(PartitionAnswer found) {
    if (!fetch.hasRoomFor(found.bytes().sizeBytes()) && found.at() != null) {
      keepForLater(found);
      answer = PartitionAnswer.empty(ask.key(), found.at());
      empty = false;
      return;
    }
    fetch.onFound(found.bytes().sizeBytes());
    answer = found;
    empty = found.bytes().sizeBytes() == 0 && !found.isUrgent();
  }

  private void keepForLater(PartitionAnswer found) {
    var at = found.at();
    var id = partition;
    if (at == null || id == null) {
      found.bytes().close();
      return;
    }
    var records = new ReadResult.Records(at, found.bytes());
    var request =
        new ReadRequest(id, ask.fetchOffset(), ask.maxBytes(), true, ReadRequest.UpTo.VISIBLE_END);
    var read = new SlowRead(home.lane(), told -> told.onCompleted(records), null, request);
    read.start();
    home.lateReads().adopt(read);
  }

  /**
   * Tells the references that a leader gave, once; when an object is gone the leader has to be
   * asked again, and not these.
   */
  private static final class OnceTold implements Consumer<ReadCompletion> {

    private final ReadResult first;
    private boolean told;

    private OnceTold(ReadResult first) {
      this.first = first;
    }

    @Override
    public void accept(ReadCompletion completion) {
      completion.onCompleted(
          told ? new ReadResult.Failed(new Fault.Retriable("the references are old")) : first);
      told = true;
    }
  }
}
