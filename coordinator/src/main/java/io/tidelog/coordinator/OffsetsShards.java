package io.tidelog.coordinator;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionSnapshot;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.jspecify.annotations.Nullable;

/**
 * The loaded partitions of the offsets topic. Changed on the coordinator's lane; Kafka's threads
 * look up their partition's shard here and find the one their load put in place.
 */
final class OffsetsShards {

  private final CoordinatorPorts ports;
  private final BatchReader reader;
  private final Lane lane;
  private final Clock clock;
  private final CompactionLimits limits;
  private final KeyHash.Secret secret;
  private final ConcurrentHashMap<Integer, OffsetsShard> shards = new ConcurrentHashMap<>();

  /** The load of each partition that began last; one that is not here is of no use any more. */
  private final ConcurrentHashMap<Integer, LoadTask> loads = new ConcurrentHashMap<>();

  /** Partitions whose log is led here, and the leader epoch in which they are. */
  private final ConcurrentHashMap<Integer, Integer> led = new ConcurrentHashMap<>();

  private final Consumer<OffsetsShard> lostListener;
  private volatile @Nullable UUID topicId;
  private volatile boolean closed;

  OffsetsShards(
      CoordinatorPorts ports,
      Lane lane,
      Clock clock,
      CompactionLimits limits,
      Consumer<OffsetsShard> lostListener) {
    this.ports = ports;
    this.lane = lane;
    this.clock = clock;
    this.limits = limits;
    this.lostListener = lostListener;
    this.reader = new BatchReader(ports, lane);
    var random = Uuid.randomUuid();
    this.secret =
        new KeyHash.Secret(random.getMostSignificantBits(), random.getLeastSignificantBits());
  }

  /** From now on the partitions are those of this topic, or none; what was loaded is dropped. */
  void useTopic(@Nullable UUID id) {
    topicId = id;
    led.clear();
    loads.clear();
    shards.values().forEach(OffsetsShard::retire);
    shards.clear();
  }

  /** The partition may be loaded as it is in this epoch. */
  void lead(int index, int leaderEpoch) {
    led.put(index, leaderEpoch);
  }

  /** The term in which the partition's log was led is over; what was loaded in it is dropped. */
  void resign(int index) {
    led.remove(index);
    loads.remove(index);
    var shard = shards.remove(index);
    if (shard != null) {
      shard.retire();
    }
  }

  /** The partition with this index, or null while it is not led here. */
  @Nullable PartitionId partition(int index) {
    var topic = topicId;
    return topic == null || !led.containsKey(index) ? null : new PartitionId(topic, index);
  }

  /**
   * The partition as it stands, null while it does not in the epoch in which it is led. A log that
   * is led here, too, shows for a moment what has just moved to another one, in the epoch before.
   */
  @Nullable PartitionSnapshot snapshot(PartitionId id) {
    var at = ports.reader().snapshot(id);
    int leaderEpoch = led.getOrDefault(id.partition(), Integer.MAX_VALUE);
    return at == null || at.leaderEpoch() < leaderEpoch ? null : at;
  }

  void beginLoad(int index, LoadTask load) {
    loads.put(index, load);
  }

  boolean isLoading(int index, LoadTask load) {
    return loads.get(index) == load;
  }

  OffsetsShard create(PartitionId id, PartitionSnapshot at) {
    return new OffsetsShard(
        this, new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, id.partition()), id, at);
  }

  void put(int index, OffsetsShard shard) {
    shards.put(index, shard);
  }

  /** The shard whose load ended last, or null. */
  @Nullable OffsetsShard get(int index) {
    return shards.get(index);
  }

  /** How many partitions have been loaded. */
  int count() {
    return shards.size();
  }

  /** Whether nothing of the shard before is under way. */
  boolean isQuiet(int index) {
    var shard = shards.get(index);
    return shard == null || shard.isQuiet();
  }

  void close() {
    closed = true;
    shards.values().forEach(OffsetsShard::retire);
  }

  boolean isClosed() {
    return closed;
  }

  void onLost(OffsetsShard shard) {
    lostListener.accept(shard);
  }

  CoordinatorPorts ports() {
    return ports;
  }

  BatchReader reader() {
    return reader;
  }

  Lane lane() {
    return lane;
  }

  Clock clock() {
    return clock;
  }

  CompactionLimits limits() {
    return limits;
  }

  KeyHash.Secret secret() {
    return secret;
  }
}
