package io.tidelog.metadata.api;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.ArrayList;
import java.util.List;

/** The settings of a node that say which topics may be created. */
public final class MetadataSettings {

  public static final Setting<Integer> NUM_PARTITIONS =
      Setting.ofInt(
          "num.partitions",
          1,
          Bounds.between(1, 1_000_000),
          "",
          "Partitions of a topic whose creator names no number. Raise it when topics are created"
              + " automatically and read by several consumers of a group.");

  public static final Setting<Integer> DEFAULT_REPLICATION_FACTOR =
      Setting.ofInt(
          "default.replication.factor",
          1,
          Bounds.between(1, Short.MAX_VALUE),
          "",
          "Replicas of a topic whose creator names no number.");

  public static final Setting<Integer> MAX_TOPIC_PARTITIONS =
      Setting.ofInt(
          "tidelog.topic.max.partitions",
          10_000,
          Bounds.between(1, 1_000_000),
          "",
          "Most partitions of one topic; a request above it is refused. Raise it for a topic read by"
              + " more consumers than that.");

  public static final Setting<Integer> MAX_PARTITIONS =
      Setting.ofInt(
          "tidelog.max.partitions",
          200_000,
          Bounds.between(1, 10_000_000),
          "",
          "Most partitions of all topics together; a request above it is refused. Each costs memory"
              + " on the node, about a kilobyte.");

  private MetadataSettings() {}

  /** Every setting of this module that is read from the node's configuration file only. */
  public static List<Setting<?>> all() {
    var all = new ArrayList<Setting<?>>();
    all.add(NUM_PARTITIONS);
    all.add(DEFAULT_REPLICATION_FACTOR);
    all.add(MAX_TOPIC_PARTITIONS);
    all.add(MAX_PARTITIONS);
    all.addAll(ClusterSettings.all());
    return List.copyOf(all);
  }
}
