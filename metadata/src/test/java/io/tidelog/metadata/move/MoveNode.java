package io.tidelog.metadata.move;

import static io.tidelog.metadata.Await.result;

import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.topic.TopicLimits;
import io.tidelog.metadata.topic.TopicPlanner;
import io.tidelog.metadata.topic.TopicService;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A node's view of topics and moves, which leads nothing. */
final class MoveNode implements LedLogs {

  private static final long RECONCILE_NS = 3_600_000_000_000L;

  final LaneThread lane;
  final ImageKeeper images;
  final StorePartitionMoves moves;
  final TopicService topics;

  MoveNode(int id, MetadataStore store, LaneThread lane, int maxMoves) {
    this.lane = lane;
    var clock = new WallClock();
    var defaults = TopicDefaults.of(Map.of());
    var empty = ClusterView.empty(id, defaults);
    images = new ImageKeeper(store, lane, clock, empty, RECONCILE_NS);
    moves = new StorePartitionMoves(store, images, lane, clock, maxMoves);
    var planner =
        new TopicPlanner(TopicLimits.of(Map.of()), name -> Optional.empty(), new Random(id));
    topics = new TopicService(store, images, this, planner, lane, clock);
    lane.execute(moves::start);
    result(images.start());
    result(topics.start());
  }

  @Override
  public Collection<LedLog> led() {
    return List.of();
  }

  @Override
  public void onChange(Listener told) {}
}
