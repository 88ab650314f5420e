package io.tidelog.metadata.topic;

import static io.tidelog.metadata.Await.result;

import io.tidelog.core.LogId;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A node's topics on a store that other nodes share; the test says which logs it leads. */
final class TopicNode implements LedLogs, AutoCloseable {

  private static final long RECONCILE_NS = 20_000_000;

  final int id;
  final LaneThread lane = new LaneThread();
  final ImageKeeper images;
  final TopicService topics;
  private final Map<LogId, LedLog> led = new ConcurrentHashMap<>();
  private @Nullable Listener listener;

  TopicNode(int id, MetadataStore store, Map<String, String> file, boolean reconciles) {
    this.id = id;
    var clock = new WallClock();
    var defaults = TopicDefaults.of(file);
    images =
        new ImageKeeper(
            store,
            lane,
            clock,
            ClusterView.empty(id, defaults),
            reconciles ? RECONCILE_NS : 3_600_000_000_000L);
    var planner = new TopicPlanner(TopicLimits.of(file), name -> Optional.empty(), new Random(id));
    topics = new TopicService(store, images, this, planner, lane, clock);
    result(images.start());
    result(topics.start());
  }

  static NodeRegistration registration(int id, String rack) {
    var at = new Endpoint("host-" + id, 9092);
    return new NodeRegistration(
        id, Set.of(NodeRole.HOT), null, at, at, rack, new UUID(id, 1), new UUID(id, 2), false);
  }

  TopicAdmin admin() {
    return topics;
  }

  void begin(LedLog log) {
    led.put(log.log(), log);
    if (listener != null) {
      listener.onBegan(log);
    }
  }

  void end(LogId log) {
    var over = led.remove(log);
    if (over != null && listener != null) {
      listener.onEnded(log, over.term());
    }
  }

  @Override
  public Collection<LedLog> led() {
    return led.values();
  }

  @Override
  public void onChange(Listener told) {
    listener = told;
  }

  @Override
  public void close() {
    lane.kill();
  }
}
