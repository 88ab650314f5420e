package io.tidelog.benchmarks.side;

import java.util.List;

/** Everything that {@code ./tidelog bench} can measure, in the order of the page. */
final class Workloads {

  private static final List<String> SMALL_SEGMENTS =
      List.of("tidelog.segment.bytes=16777216", "tidelog.checkpoint.bytes=16777216");

  /** Room for 20 GB, so that neither the cap nor the offloading slows producers. */
  private static final List<String> LARGE_LOG = List.of("tidelog.local.max.bytes=64000000000");

  private static final LoadWorkloads.SmallLoad ONE_IN_FLIGHT =
      new LoadWorkloads.SmallLoad(1, 30, 25);
  private static final LoadWorkloads.SmallLoad FIVE_IN_FLIGHT =
      new LoadWorkloads.SmallLoad(5, 20, 10);

  private static final ClusterWorkloads.ClusterLoad CLUSTER_LARGE =
      new ClusterWorkloads.ClusterLoad(new Requests.Batch(1, (1 << 20) - 1024), 300, 400);
  private static final ClusterWorkloads.ClusterLoad CLUSTER_SMALL =
      new ClusterWorkloads.ClusterLoad(new Requests.Batch(16, 1024), 6_000, 10_000);

  static final List<Workload> ALL =
      List.of(
          Workload.pair(
              "start",
              "From the start of the process until one record was produced to a new topic and"
                  + " fetched; then 10 s of rest, then 20 s counted as idle.",
              StartWorkloads::start),
          Workload.pair(
              "small",
              "Produce requests of one 1 KiB record each, acks=all, 4 connections and partitions,"
                  + " one request in flight on each; 30 s to warm up, 25 s counted, in which Tidelog"
                  + " fills and offloads about one segment.",
              (server, scale) -> LoadWorkloads.small(server, scale, ONE_IN_FLIGHT)),
          Workload.pair(
              "small-pipelined",
              "As small, with 5 requests in flight on each connection, as a standard producer has;"
                  + " 20 s to warm up, 10 s counted, about two segments.",
              (server, scale) -> LoadWorkloads.small(server, scale, FIVE_IN_FLIGHT)),
          Workload.pair(
              "batches",
              "10-byte records in batches of 1 MiB, one connection, 4 requests in flight: 3,000"
                  + " batches to warm up, 2,000 counted.",
              LoadWorkloads::batches),
          Workload.pair(
              "fetch",
              "1 GiB in 1 MiB batches, read from the beginning by one consumer with 1 MiB a fetch:"
                  + " 40 times to warm up, 20 times counted.",
              LoadWorkloads::fetch),
          Workload.tidelogOnly(
              "fetch-cold",
              SMALL_SEGMENTS,
              "As fetch, once, after it was offloaded to a folder and its segments deleted.",
              LoadWorkloads::fetchCold),
          Workload.pair(
              "paced",
              "1,000 requests a second of one 1 KiB record each on one connection and partition,"
                  + " latency from when a request was due; 10 s to warm up, 20 s counted.",
              LoadWorkloads::paced),
          Workload.pair(
              "partitions",
              "One topic of 10,000 partitions, a record in each; kill -9; start again until a"
                  + " record was produced to the last partition and fetched.",
              PartitionWorkloads::onePlentifulTopic),
          Workload.pair(
              "topics",
              "As partitions, with 10,000 topics of one partition.",
              PartitionWorkloads::manyTopics),
          Workload.tidelogOnly(
              "recovery",
              LARGE_LOG,
              "20 GB in 1 MB records, offloaded and kept locally; kill -9; start again until a record was produced"
                  + " and fetched; once more with an empty page cache.",
              RecoveryWorkload::run),
          Workload.pair(
              "cluster",
              "Three nodes on this machine, replication factor 3, min.insync.replicas=2, 6"
                  + " partitions: 1 MiB batches of one record, acks=all, 5 in flight on each of 6"
                  + " connections to the partitions' leaders; 300 requests on each to warm up, 400"
                  + " counted. Tidelog syncs on all three nodes, Kafka on none; Tidelog has three"
                  + " etcd and an S3 server beside it.",
              (place, scale) -> ClusterWorkloads.produce(place, scale, CLUSTER_LARGE)),
          Workload.pair(
              "cluster-small",
              "As cluster, with batches of 16 KiB, 16 records: 6,000 requests on each connection to"
                  + " warm up, 10,000 counted.",
              (place, scale) -> ClusterWorkloads.produce(place, scale, CLUSTER_SMALL)),
          Workload.tidelogOnly(
              "delay",
              List.of(),
              "10,000 records a second, 10 a request, to a topic with delay.ms=2000, one consumer;"
                  + " lateness is the time of arrival less append time and delay; 10 s to warm up,"
                  + " 20 s counted.",
              DelayWorkload::run));

  private Workloads() {}
}
