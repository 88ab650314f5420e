package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchLimits;
import io.tidelog.gateway.fetch.FetchTask;
import io.tidelog.gateway.fetch.FetchUnderWay;
import io.tidelog.gateway.fetch.PartitionFetch;
import io.tidelog.gateway.handler.data.FetchHandler;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads for other gateways what this node leads. A further fetch on a connection makes the one
 * before it answer at once, since its client wants something else now.
 */
final class LedReads implements FetchHandler.Reads {

  private final FetchLanes lanes;

  /**
   * @param lanes that read nothing from the cold tier, but tell where it is
   */
  LedReads(FetchLanes lanes) {
    this.lanes = lanes;
  }

  @Override
  public FetchUnderWay start(
      ClientRequest request,
      List<PartitionFetch> partitions,
      FetchLimits limits,
      FetchUnderWay.Receiver receiver) {
    var last = request.link().attached(Last.class, Last::new);
    if (last.task != null) {
      last.task.answerNow();
    }
    var task = lanes.of(request.lane()).fetch(partitions, limits, receiver);
    last.task = task.isDone() ? null : task;
    return task;
  }

  /** The fetch of a connection that came last, if it waits. */
  private static final class Last implements AutoCloseable {

    private @Nullable FetchTask task;

    @Override
    public void close() {
      task = null;
    }
  }
}
