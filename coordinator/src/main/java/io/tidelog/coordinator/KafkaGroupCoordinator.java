package io.tidelog.coordinator;

import com.yammer.metrics.core.MetricsRegistry;
import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.PartitionMetadataClient;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;

/**
 * Kafka's group coordinator with what it needs around it, built and closed together. Making one
 * loads some thousand classes and starts its threads. Its metrics stay off JMX.
 */
final class KafkaGroupCoordinator implements AutoCloseable {

  private final GroupCoordinatorService service;
  private final Metrics metrics;
  private final MetricsRegistry registry;
  private final GroupCoordinatorMetrics groupMetrics;

  KafkaGroupCoordinator(
      int nodeId, GroupCoordinatorConfig config, OffsetsShards shards, Lane lane, Clock clock) {
    metrics = new Metrics();
    registry = new MetricsRegistry();
    groupMetrics = new GroupCoordinatorMetrics(registry, metrics);
    service =
        new GroupCoordinatorService.Builder(nodeId, config)
            .withTime(Time.SYSTEM)
            .withTimer(
                new SystemTimerReaper(
                    "group-coordinator-reaper", new SystemTimer("group-coordinator")))
            .withLoader(new LogCoordinatorLoader(shards, shards.reader(), lane, clock))
            .withWriter(new LogPartitionWriter(shards))
            .withCoordinatorRuntimeMetrics(new GroupCoordinatorRuntimeMetrics(metrics))
            .withGroupCoordinatorMetrics(groupMetrics)
            .withGroupConfigManager(
                new GroupConfigManager(config, ShareGroupConfig.fromProps(Map.of())))
            .withPersister(new NoOpStatePersister())
            .withAuthorizerPlugin(Optional.empty())
            .withPartitionMetadataClient(new NoShareGroups())
            .build();
  }

  GroupCoordinatorService service() {
    return service;
  }

  /** What is measured now; safe from any thread. */
  List<GroupReading> readings() {
    var readings = new ArrayList<GroupReading>();
    metrics
        .metrics()
        .forEach(
            (name, metric) -> {
              if (name.group().equals(GroupCoordinatorMetrics.METRICS_GROUP)
                  && metric.metricValue() instanceof Number value) {
                readings.add(new GroupReading(name.name(), name.tags(), value.doubleValue()));
              }
            });
    return readings;
  }

  @Override
  public void close() {
    service.shutdown();
    groupMetrics.close();
    registry.shutdown();
    metrics.close();
  }

  /** Asked only for share groups. */
  private static final class NoShareGroups implements PartitionMetadataClient {

    @Override
    public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
        Set<TopicPartition> partitions) {
      return partitions.stream()
          .collect(
              Collectors.toMap(
                  partition -> partition,
                  partition ->
                      CompletableFuture.failedFuture(
                          new UnsupportedVersionException("share groups are not supported"))));
    }

    @Override
    public void close() {}
  }
}
