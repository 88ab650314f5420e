package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchLimits;
import io.tidelog.gateway.fetch.FetchUnderWay;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.fetch.PartitionFetch;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.handler.data.FetchHandler;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;

/**
 * Reads partitions for clients wherever they are led; what is all led here as if there were no
 * other.
 */
final class SpreadReads implements FetchHandler.Reads {

  private final FetchLanes lanes;
  private final PartitionDirectory directory;
  private final Forwarding forwarding;
  private final boolean readsHere;

  /**
   * @param readsHere whether this node leads partitions itself
   */
  SpreadReads(
      FetchLanes lanes, PartitionDirectory directory, Forwarding forwarding, boolean readsHere) {
    this.lanes = lanes;
    this.directory = directory;
    this.forwarding = forwarding;
    this.readsHere = readsHere;
  }

  @Override
  public FetchUnderWay start(
      ClientRequest request,
      List<PartitionFetch> partitions,
      FetchLimits limits,
      FetchUnderWay.Receiver receiver) {
    var home = lanes.of(request.lane());
    if (readsHere && isHere(partitions)) {
      return home.fetch(partitions, limits, receiver);
    }
    return request
        .link()
        .attached(
            ClientFetches.class,
            () -> new ClientFetches(forwarding.of(request.lane()), home, readsHere, request))
        .start(request, partitions, limits, receiver);
  }

  private boolean isHere(List<PartitionFetch> partitions) {
    var image = forwarding.images().current();
    for (var partition : partitions) {
      var topic = directory.topic(partition.key());
      int index = partition.key().partition();
      if (topic != null
          && index >= 0
          && index < topic.partitionCount()
          && !Route.isHere(image, topic, index)) {
        return false;
      }
    }
    return true;
  }
}
