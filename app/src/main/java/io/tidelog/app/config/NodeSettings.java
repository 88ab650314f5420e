package io.tidelog.app.config;

import io.tidelog.cold.offload.OffloadConfig;
import io.tidelog.coordinator.GroupSettings;
import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import io.tidelog.delay.DelayNamingConfig;
import io.tidelog.gateway.GatewaySettings;
import io.tidelog.gateway.fetch.FetchSettings;
import io.tidelog.hot.replica.MoveSettings;
import io.tidelog.hot.replica.ReplicaSettings;
import io.tidelog.hot.runtime.HotTierSettings;
import io.tidelog.metadata.api.MetadataSettings;
import io.tidelog.metadata.store.etcd.EtcdSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every setting of a node: those of the process itself, and those its modules declare. Kafka's
 * names where the meaning is Kafka's, {@code tidelog.*} otherwise. The configuration reference is
 * generated from this class.
 */
public final class NodeSettings {

  private static final Map<String, Setting<?>> ALL = new LinkedHashMap<>();
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final Bounds PORT = Bounds.between(0, 65_535);

  public static final Setting<List<String>> ROLES =
      add(
          Setting.ofList(
              "process.roles",
              "gateway,hot",
              List.of("gateway", "hot"),
              "What this node does: gateway, it serves clients and keeps nothing; hot, it holds"
                  + " segment logs. A node that keeps its metadata itself does both."));
  public static final Setting<String> INTERNAL_HOST =
      add(
          Setting.ofString(
              "tidelog.internal.host",
              "127.0.0.1",
              "Address on which gateways of the cluster reach this node with the role hot; change"
                  + " it to have them on other machines, and only in a network that nobody else"
                  + " reaches."));
  public static final Setting<Integer> INTERNAL_PORT =
      add(
          Setting.ofInt(
              "tidelog.internal.port",
              9093,
              PORT,
              "",
              "Port on which gateways of the cluster reach this node; 0 takes a free one."));
  public static final Setting<String> INTERNAL_ADVERTISED =
      add(
          Setting.ofString(
              "tidelog.internal.advertised",
              "",
              "What gateways are told to connect to, as host:port; empty for tidelog.internal.host"
                  + " and tidelog.internal.port. Change it when they reach this node under another"
                  + " address, as in a container."));
  public static final Setting<Boolean> UNPROTECTED =
      add(
          Setting.ofBoolean(
              "tidelog.listener.unprotected.enable",
              false,
              "Allows a listener on an address other than loopback although nobody is"
                  + " authenticated: whoever reaches it can read and delete everything."));
  public static final Setting<Integer> ADMIN_PORT =
      add(
          Setting.ofInt(
              "tidelog.admin.port",
              8080,
              PORT,
              "",
              "Port of /metrics, /health and /delay on loopback; 0 takes a free one."));
  public static final Setting<String> HEALTH_LISTENER =
      add(
          Setting.ofString(
              "tidelog.health.listener",
              "",
              "Where a load balancer asks GET /health/ready and /health/live, as host:port, and"
                  + " nothing else is served; empty for nowhere but on tidelog.admin.port."));
  public static final Setting<Long> SHUTDOWN_DELAY_MS =
      add(
          Setting.ofLong(
              "tidelog.shutdown.delay.ms",
              0,
              Bounds.between(0, 600_000),
              "ms",
              "How long a node that is stopped says it is not ready, and serves all the same, before"
                  + " it gives away what it leads and ends connections. Behind a load balancer, the"
                  + " time it takes to notice."));
  public static final Setting<String> OTLP_ENDPOINT =
      add(
          Setting.ofString(
              "tidelog.otlp.endpoint",
              "",
              "Collector that metrics are sent to by OTLP over HTTP, as http://host:4318; a URL"
                  + " without a path gets /v1/metrics. Empty for none; /metrics is served in any"
                  + " case."));
  public static final Setting<Long> OTLP_INTERVAL_MS =
      add(
          Setting.ofLong(
              "tidelog.otlp.interval.ms",
              60_000,
              Bounds.between(100, 3_600_000),
              "ms",
              "How often metrics are sent there."));
  public static final Setting<String> DATA_DIR =
      add(
          Setting.ofString(
              "log.dir",
              "./data",
              "Folder of the segment log, the metadata and, by default, the object store. Put it"
                  + " on a disk whose fdatasync is fast."));
  public static final Setting<Long> HANDOVER_TIMEOUT_MS =
      add(
          Setting.ofLong(
              "tidelog.handover.timeout.ms",
              10_000,
              Bounds.between(0, 600_000),
              "ms",
              "How long a node of a cluster that is stopped waits for others to lead what it leads."
                  + " Raise it when followers lag."));
  public static final Setting<String> OBJECT_STORE =
      add(
          Setting.ofString(
              "tidelog.object.store",
              "",
              "Cold tier: file:DIR or s3://bucket/prefix; empty means the folder objects in"
                  + " log.dir. Refused when it has none of the objects that log.dir was offloaded"
                  + " to; move or copy them first."));
  public static final Setting<String> S3_ENDPOINT =
      add(
          Setting.ofString(
              "tidelog.s3.endpoint", "", "URL of an S3-compatible server; empty means AWS."));
  public static final Setting<String> S3_REGION =
      add(Setting.ofString("tidelog.s3.region", "us-east-1", "Region of the bucket."));
  public static final Setting<Boolean> S3_PATH_STYLE =
      add(
          Setting.ofBoolean(
              "tidelog.s3.path.style.enable",
              false,
              "Addresses the bucket in the path, as most S3-compatible servers want; always on"
                  + " when an endpoint is set."));
  public static final Setting<String> S3_CHECKSUMS =
      add(
          Setting.ofChoice(
              "tidelog.s3.checksums",
              "when_supported",
              List.of("when_supported", "when_required"),
              "when_required for S3-compatible servers that refuse checksum trailers."));
  public static final Setting<Long> CHUNK_CACHE_BYTES =
      add(
          Setting.ofLong(
              "tidelog.cold.cache.bytes",
              64L * MIB,
              Bounds.atLeast(MIB),
              "bytes",
              "Memory for chunks read from the object store."));
  public static final Setting<Integer> CHUNK_BYTES =
      add(
          Setting.ofInt(
              "tidelog.cold.chunk.bytes",
              MIB,
              Bounds.between(64 * KIB, 16 * MIB),
              "bytes",
              "Unit of reading from the object store."));
  public static final Setting<Long> COLLECT_GRACE_MS =
      add(
          Setting.ofLong(
              "tidelog.cold.delete.grace.ms",
              3_600_000,
              Bounds.atLeast(0),
              "ms",
              "How long an object that nothing refers to stays; longer than any upload and any"
                  + " read takes."));
  public static final Setting<Long> COLD_ALARM_MS =
      add(
          Setting.ofLong(
              "tidelog.cold.alarm.ms",
              OffloadConfig.DEFAULT.alarmAfterMs(),
              Bounds.atLeast(0),
              "ms",
              "How long offloading may fail before the metric tidelog_cold_alarm is 1."));
  public static final Setting<Boolean> DELAY_NAMING =
      add(
          Setting.ofBoolean(
              "delay.naming.enable",
              true,
              "A topic created with a name like orders_30m becomes a delay topic."));
  public static final Setting<List<String>> DELAY_NAMING_EXCLUDE =
      add(
          Setting.ofList(
              "delay.naming.exclude",
              String.join(",", DelayNamingConfig.DEFAULT_EXCLUDED_WORDS),
              List.of(),
              "A topic whose base name contains one of these words is never made a delay topic"
                  + " by its name."));
  public static final Setting<Long> DELAY_MAX_MS =
      add(
          Setting.ofLong(
              "delay.max.ms",
              DelayNamingConfig.DEFAULT_MAX_DELAY_MS,
              Bounds.between(1, DelayNamingConfig.DEFAULT_MAX_DELAY_MS),
              "ms",
              "The longest delay that a name may ask for."));
  public static final Setting<Long> DELAY_PREFETCH_MS =
      add(
          Setting.ofLong(
              "delay.prefetch.ms",
              10_000,
              Bounds.atLeast(0),
              "ms",
              "How long before they are due records that are only in the object store are loaded"
                  + " into tidelog.cold.cache.bytes; 0 for never. Raise it for a slow store."));
  public static final Setting<Integer> DELAY_PREFETCH_PARTITIONS =
      add(
          Setting.ofInt(
              "delay.prefetch.partitions",
              32,
              Bounds.between(1, 10_000),
              "",
              "For how many partitions that is done at a time, those due next first. More than the"
                  + " cache has chunks for load in vain."));
  public static final Setting<Integer> METRICS_MAX_TOPICS =
      add(
          Setting.ofInt(
              "tidelog.metrics.topics.max",
              100,
              Bounds.between(0, 10_000),
              "",
              "How many topics have series of their own in a metric by topic; the others share"
                  + " one. Lower it when the metrics' store counts series."));
  public static final Setting<String> LOG_LEVEL =
      add(
          Setting.ofChoice(
              "tidelog.log.level",
              "info",
              List.of("error", "warn", "info", "debug", "trace"),
              "What is written to the console."));

  static {
    GatewaySettings.ALL.forEach(NodeSettings::add);
    FetchSettings.ALL.forEach(NodeSettings::add);
    MetadataSettings.all().forEach(NodeSettings::add);
    EtcdSettings.all().forEach(NodeSettings::add);
    HotTierSettings.ALL.forEach(NodeSettings::add);
    ReplicaSettings.ALL.forEach(NodeSettings::add);
    MoveSettings.ALL.forEach(NodeSettings::add);
    GroupSettings.ALL.forEach(NodeSettings::add);
  }

  private NodeSettings() {}

  /** In the order of the reference. */
  public static List<Setting<?>> all() {
    return List.copyOf(ALL.values());
  }

  static Map<String, Setting<?>> byName() {
    return ALL;
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.put(setting.name(), setting);
    return setting;
  }
}
