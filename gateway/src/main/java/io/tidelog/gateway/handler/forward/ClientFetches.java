package io.tidelog.gateway.handler.forward;

import io.tidelog.core.PartitionId;
import io.tidelog.gateway.fetch.ConnectionFetches;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLimits;
import io.tidelog.gateway.fetch.FetchUnderWay;
import io.tidelog.gateway.fetch.NodeFetches;
import io.tidelog.gateway.fetch.PartitionAnswer;
import io.tidelog.gateway.fetch.PartitionFetch;
import io.tidelog.gateway.forward.ForwardLane;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.OutgoingRequest;
import io.tidelog.gateway.wire.PipeAnswer;
import io.tidelog.gateway.wire.PipeReceiver;
import io.tidelog.metadata.api.ClusterImage;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.FetchRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client's connection fetches from other nodes, over pipes of its own: a fetch that waits
 * for records would hold up the answers to all other requests. Attached to the connection with its
 * first fetch of something that is not led here.
 */
final class ClientFetches implements NodeFetches, ForwardLane.Follower, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ClientFetches.class);

  private final ForwardLane lane;
  private final boolean readsHere;
  private final NodePipes pipes;
  private final ConnectionFetches fetches;
  private boolean holding;
  private boolean closed;

  /** The one under way: whose client id, and which records it wants to see. */
  private ClientRequest request;

  /**
   * @param readsHere whether this node leads partitions itself
   */
  ClientFetches(ForwardLane lane, FetchLane home, boolean readsHere, ClientRequest first) {
    this.lane = lane;
    this.readsHere = readsHere;
    this.request = first;
    this.pipes = new NodePipes(lane.config());
    this.fetches = new ConnectionFetches(home, this, lane.config().fetchGraceMs());
    lane.follow(this);
  }

  FetchUnderWay start(
      ClientRequest from,
      List<PartitionFetch> partitions,
      FetchLimits limits,
      FetchUnderWay.Receiver receiver) {
    request = from;
    return fetches.fetch(partitions, limits, receiver);
  }

  @Override
  public int leaderOf(PartitionId partition) {
    var image = lane.image();
    var topic = image.topic(partition.topicId());
    var route = topic == null ? null : Route.of(image, topic, partition.partition());
    if (route == null) {
      return NOBODY;
    }
    return readsHere && route.node() == image.nodeId() ? HERE : route.node();
  }

  @Override
  public void fetch(int node, List<PartitionFetch> asks, FetchLimits limits, Receiver receiver) {
    var pipe = pipes.to(node, lane.image(), request);
    if (pipe == null) {
      // Never inside this call: whoever asks is about to ask others.
      lane.loop().execute(receiver::onLost);
      return;
    }
    byte isolation = ((FetchRequest) request.body()).data().isolationLevel();
    pipe.send(
        new OutgoingRequest(
            ApiKeys.FETCH,
            FetchMessages.VERSION,
            request.clientId(),
            FetchMessages.request(asks, limits, isolation),
            () -> {}),
        new PipeReceiver() {
          @Override
          public void onAnswer(PipeAnswer answer) {
            List<PartitionAnswer> answers;
            try {
              answers = FetchMessages.answers(answer);
            } catch (RuntimeException e) { // whoever waits has to be told, whatever was answered
              LOG.error("an answer to a fetch makes no sense, node={}", node, e);
              receiver.onLost();
              pipe.close();
              return;
            }
            receiver.onAnswered(answers);
          }

          @Override
          public void onLost(boolean neverSent) {
            if (!closed) {
              lane.loop().execute(receiver::onLost);
            }
          }
        });
  }

  @Override
  public void holdOn(boolean on) {
    if (holding != on) {
      holding = on;
      lane.onHolding(this);
    }
  }

  @Override
  public boolean isHolding() {
    return holding;
  }

  @Override
  public void onNodes(ClusterImage image) {
    pipes.onNodes(image);
  }

  @Override
  public void retry() {
    fetches.retry();
  }

  @Override
  public void close() {
    closed = true;
    fetches.close();
    pipes.close();
    lane.unfollow(this);
  }
}
