package io.tidelog.coordinator;

import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.metadata.api.TopicImage;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** A coordinator on a {@link FakeLog}, and what clients ask of it. */
final class TestGroups implements AutoCloseable {

  private static final long TIMEOUT_S = 20;
  private static final ColdReader NOTHING_COLD =
      new ColdReader() {
        @Override
        public void read(
            ReadRequest request,
            PartitionSnapshot at,
            List<ColdReference> references,
            ReadCompletion completion) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void findByTime(
            TimeRequest request,
            PartitionSnapshot at,
            List<ColdReference> references,
            ReadCompletion completion) {
          throw new UnsupportedOperationException();
        }
      };

  private final GroupsConfig config;
  private final FakeLog log;
  private final FakeCluster cluster;
  private ThreadLane lane;
  private GroupCoordinatorRuntime runtime;

  TestGroups(Map<String, String> properties) {
    config = GroupsConfig.ofNode(1, properties);
    log = new FakeLog();
    cluster = new FakeCluster(log);
    lane = new ThreadLane("coordinator");
    runtime = start();
  }

  private GroupCoordinatorRuntime start() {
    var made =
        new GroupCoordinatorRuntime(
            config,
            new CoordinatorPorts(log, log, NOTHING_COLD, log, cluster.led(), cluster, cluster),
            lane,
            ThreadLane.CLOCK);
    made.start();
    return made;
  }

  FakeLog log() {
    return log;
  }

  FakeCluster cluster() {
    return cluster;
  }

  /** As a process that stops and starts again over the same log. */
  void restart() {
    get(runtime.close().toCompletableFuture());
    lane.close();
    lane = new ThreadLane("coordinator");
    runtime = start();
  }

  /** Does something on another node, which leads meanwhile, and then no more. */
  void elsewhere(Runnable work) {
    var here = runtime;
    var hereLane = lane;
    lane = new ThreadLane("other-coordinator");
    runtime = start();
    work.run();
    get(runtime.close().toCompletableFuture());
    lane.close();
    lane = hereLane;
    runtime = here;
  }

  boolean isCurrent(String group) {
    return runtime.isCurrent(group);
  }

  GroupCoordinator coordinator() {
    return get(runtime.coordinatorWithTopic().toCompletableFuture());
  }

  GroupCoordinator coordinatorWithoutTopic() {
    return get(runtime.coordinator().toCompletableFuture());
  }

  List<GroupReading> readings() {
    return runtime.readings();
  }

  JoinGroupResponseData join(String group, String memberId) {
    return get(joining(group, memberId));
  }

  CompletableFuture<JoinGroupResponseData> joining(String group, String memberId) {
    var protocols = new JoinGroupRequestProtocolCollection();
    protocols.add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[] {1}));
    return coordinator()
        .joinGroup(
            context(ApiKeys.JOIN_GROUP),
            new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setProtocolType("consumer")
                .setProtocols(protocols)
                .setSessionTimeoutMs(10_000)
                .setRebalanceTimeoutMs(10_000),
            BufferSupplier.NO_CACHING);
  }

  CompletableFuture<SyncGroupResponseData> syncing(
      String group, JoinGroupResponseData joined, Map<String, byte[]> assignments) {
    return coordinator()
        .syncGroup(
            context(ApiKeys.SYNC_GROUP),
            new SyncGroupRequestData()
                .setGroupId(group)
                .setMemberId(joined.memberId())
                .setGenerationId(joined.generationId())
                .setProtocolType("consumer")
                .setProtocolName("range")
                .setAssignments(
                    assignments.entrySet().stream()
                        .map(
                            entry ->
                                new SyncGroupRequestAssignment()
                                    .setMemberId(entry.getKey())
                                    .setAssignment(entry.getValue()))
                        .toList()),
            BufferSupplier.NO_CACHING);
  }

  ConsumerGroupHeartbeatResponseData beat(ConsumerGroupHeartbeatRequestData request) {
    return get(
        coordinator().consumerGroupHeartbeat(context(ApiKeys.CONSUMER_GROUP_HEARTBEAT), request));
  }

  Errors commit(String group, TopicImage topic, int partition, long offset) {
    return errorOf(get(committing(group, topic, partition, offset)));
  }

  CompletableFuture<OffsetCommitResponseData> committing(
      String group, TopicImage topic, int partition, long offset) {
    return coordinator()
        .commitOffsets(
            context(ApiKeys.OFFSET_COMMIT),
            new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(
                    List.of(
                        new OffsetCommitRequestTopic()
                            .setName(topic.name())
                            .setTopicId(uuid(topic))
                            .setPartitions(
                                List.of(
                                    new OffsetCommitRequestPartition()
                                        .setPartitionIndex(partition)
                                        .setCommittedOffset(offset)
                                        .setCommittedMetadata("m"))))),
            BufferSupplier.NO_CACHING);
  }

  static Errors errorOf(OffsetCommitResponseData response) {
    return Errors.forCode(response.topics().getFirst().partitions().getFirst().errorCode());
  }

  /** Asks again for as long as the coordinator is loading or elected again. */
  <T> T patiently(Function<TestGroups, T> request, Function<T, Errors> errorOf) {
    long giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
    while (true) {
      var response = request.apply(this);
      switch (errorOf.apply(response)) {
        case COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> {
          if (System.nanoTime() - giveUpNs > 0) {
            throw new AssertionError("no coordinator for " + TIMEOUT_S + " s");
          }
          Thread.onSpinWait();
        }
        default -> {
          return response;
        }
      }
    }
  }

  OffsetFetchResponseGroup fetchAll(String group) {
    return patiently(
        groups ->
            get(
                groups
                    .coordinator()
                    .fetchOffsets(
                        context(ApiKeys.OFFSET_FETCH),
                        new OffsetFetchRequestGroup().setGroupId(group).setTopics(null),
                        false)
                    .exceptionally(
                        fault ->
                            new OffsetFetchResponseGroup()
                                .setErrorCode(Errors.forException(fault).code()))),
        response -> Errors.forCode(response.errorCode()));
  }

  long committed(String group, TopicImage topic, int partition) {
    return fetchAll(group).topics().stream()
        .filter(found -> found.name().equals(topic.name()))
        .flatMap(found -> found.partitions().stream())
        .filter(found -> found.partitionIndex() == partition)
        .mapToLong(found -> found.committedOffset())
        .findFirst()
        .orElse(-1);
  }

  static Uuid uuid(TopicImage topic) {
    return ClusterImageView.uuid(topic.id());
  }

  static RequestContext context(ApiKeys api) {
    return new RequestContext(
        new RequestHeader(api, api.latestVersion(), "test", 1),
        "1",
        InetAddress.getLoopbackAddress(),
        KafkaPrincipal.ANONYMOUS,
        ListenerName.forSecurityProtocol(SecurityProtocol.PLAINTEXT),
        SecurityProtocol.PLAINTEXT,
        ClientInformation.EMPTY,
        false);
  }

  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(TIMEOUT_S, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    get(runtime.close().toCompletableFuture());
    lane.close();
    log.close();
  }
}
