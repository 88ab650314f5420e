package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.DefaultEventLoop;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.GatewaySettings;
import io.tidelog.gateway.handler.AlterConfigsHandler;
import io.tidelog.gateway.handler.ApiVersionsHandler;
import io.tidelog.gateway.handler.ConfigDescriptions;
import io.tidelog.gateway.handler.CreatePartitionsHandler;
import io.tidelog.gateway.handler.CreateTopicsHandler;
import io.tidelog.gateway.handler.DeleteTopicsHandler;
import io.tidelog.gateway.handler.DescribeClusterHandler;
import io.tidelog.gateway.handler.DescribeConfigsHandler;
import io.tidelog.gateway.handler.DescribeLogDirsHandler;
import io.tidelog.gateway.handler.DescribeTopicPartitionsHandler;
import io.tidelog.gateway.handler.FindCoordinatorHandler;
import io.tidelog.gateway.handler.IncrementalAlterConfigsHandler;
import io.tidelog.gateway.handler.InitProducerIdHandler;
import io.tidelog.gateway.handler.ListConfigResourcesHandler;
import io.tidelog.gateway.handler.MetadataHandler;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.ClusterMetadata;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.node.NodeIds;
import io.tidelog.metadata.node.NodeWish;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An unmodified Kafka client administers topics kept in a real metadata store. */
@ExtendWith(LeakCheck.class)
class AdminClientTest {

  @TempDir private static Path folder;

  private static final DefaultEventLoop METADATA_LOOP = new DefaultEventLoop();
  private static MetadataStore store;
  private static ClusterMetadata metadata;
  private static ClientListener listener;
  private static String bootstrap;
  private static Admin admin;

  @BeforeAll
  static void start() throws Exception {
    int port = freePort();
    var settings =
        Map.of(
            "listeners", "PLAINTEXT://localhost:" + port,
            "tidelog.logs.per.node", "1",
            "default.replication.factor", "1");
    var config = GatewayConfig.of(settings);
    var clock = new RealClock();
    var partitions = new MemoryPartitions();
    var lane = new EventLoopLane(METADATA_LOOP, clock);
    var random = new Random(1);
    store = EmbeddedMetadataStore.open(folder, clock);
    var identity =
        await(new NodeIds(store, lane, random).identify(new NodeWish(1, true, null, "node")));
    metadata =
        new ClusterMetadata(
            new ClusterMetadata.Parts(store, settings, clock, lane, random, _ -> Optional.empty()),
            identity);
    await(metadata.load());
    var at = new Endpoint("localhost", port);
    await(
        metadata.join(
            new NodeRegistration(
                1,
                Set.of(NodeRole.values()),
                at,
                at,
                null,
                null,
                new UUID(1, 2),
                identity.diskId(),
                false)));
    var led = new MemoryLogs(metadata.registry(), partitions);
    var topics = await(metadata.serve(led, Handovers.bySwap(metadata.registry())));
    listener =
        new ClientListener(
            config,
            new AdvertisedAddresses(config, "localhost"),
            router(topics, partitions, settings),
            clock);
    await(listener.start());
    bootstrap = "localhost:" + port;
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
    listener.close();
    metadata.close();
    store.close();
    METADATA_LOOP.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void aTopicIsCreatedDescribedAndDeleted() throws Exception {
    var created = admin.createTopics(List.of(new NewTopic("life", 3, (short) 1)));
    var id = get(created.topicId("life"));

    assertThat(get(created.numPartitions("life"))).isEqualTo(3);
    assertThat(get(created.replicationFactor("life"))).isEqualTo(1);
    assertThat(get(created.config("life")).get("cleanup.policy").value()).isEqualTo("delete");
    var byName = describe("life");
    assertThat(byName.partitions()).hasSize(3);
    assertThat(byName.partitions()).allMatch(p -> p.leader() != null && p.isr().size() == 1);
    assertThat(byName.topicId()).isEqualTo(id);
    var byId = get(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds());
    assertThat(byId.get(id).name()).isEqualTo("life");

    get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());

    assertThat(get(admin.listTopics(new ListTopicsOptions()).names())).doesNotContain("life");
    assertThatThrownBy(() -> describe("life"))
        .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    assertThatThrownBy(() -> get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all()))
        .hasCauseInstanceOf(UnknownTopicIdException.class);
  }

  @Test
  void eachTopicOfARequestSucceedsOrFailsOnItsOwn() throws Exception {
    create("taken", 1);

    var answers =
        admin
            .createTopics(
                List.of(
                    new NewTopic("taken", 1, (short) 1),
                    new NewTopic("none", 0, (short) 1),
                    new NewTopic("replicated", 1, (short) 3),
                    new NewTopic("not/a/name", 1, (short) 1),
                    new NewTopic("unset", 1, (short) 1).configs(Map.of("retention.ms", "tomorrow")),
                    new NewTopic("fine", Optional.empty(), Optional.empty())))
            .values();

    assertFails(answers.get("taken"), TopicExistsException.class);
    assertFails(answers.get("none"), InvalidPartitionsException.class);
    assertFails(answers.get("replicated"), InvalidReplicationFactorException.class);
    assertFails(answers.get("not/a/name"), InvalidTopicException.class);
    assertFails(answers.get("unset"), InvalidConfigurationException.class);
    get(answers.get("fine"));
    assertThat(describe("fine").partitions()).hasSize(1);
  }

  @Test
  void aValidatedTopicIsNotCreated() throws Exception {
    var onlyValidate = new CreateTopicsOptions().validateOnly(true);

    get(admin.createTopics(List.of(new NewTopic("wish", 1, (short) 1)), onlyValidate).all());

    assertThat(get(admin.listTopics().names())).doesNotContain("wish");
  }

  @Test
  void aTopicGrowsButDoesNotShrink() throws Exception {
    create("growing", 2);

    get(admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(5))).all());

    assertThat(describe("growing").partitions()).hasSize(5);
    assertThatThrownBy(
            () -> get(admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(3))).all()))
        .hasCauseInstanceOf(InvalidPartitionsException.class);
  }

  @Test
  void settingsOfATopicAreShownWithTheirSourcesAndChanged() throws Exception {
    create("settled", 1);
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, "settled");
    assertThat(describe(topic, "retention.ms").source())
        .isEqualTo(ConfigEntry.ConfigSource.DEFAULT_CONFIG);

    alter(topic, new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET);

    var set = describe(topic, "retention.ms");
    assertThat(set.value()).isEqualTo("1000");
    assertThat(set.source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
    assertThat(set.type()).isEqualTo(ConfigEntry.ConfigType.LONG);
    assertThat(set.documentation()).isNotBlank();
    assertThat(set.synonyms()).hasSizeGreaterThan(1);

    alter(topic, new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE);

    assertThat(describe(topic, "retention.ms").isDefault()).isTrue();
    assertThatThrownBy(
            () -> alter(topic, new ConfigEntry("no.such", "1"), AlterConfigOp.OpType.SET))
        .hasCauseInstanceOf(InvalidConfigurationException.class);
  }

  @Test
  void settingsOfTheNodeAreShown() throws Exception {
    var node = new ConfigResource(ConfigResource.Type.BROKER, "1");

    var max = describe(node, GatewaySettings.REQUEST_MAX_BYTES.name());

    assertThat(max.value()).isEqualTo("104857600");
    assertThat(max.isReadOnly()).isTrue();
    assertThat(describe(node, "listeners").source())
        .isEqualTo(ConfigEntry.ConfigSource.STATIC_BROKER_CONFIG);
  }

  @Test
  void theClusterIsDescribedWithWhatOneMayDo() throws Exception {
    var cluster =
        admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));

    assertThat(get(cluster.nodes())).hasSize(1);
    assertThat(get(cluster.controller()).port())
        .isEqualTo(get(cluster.nodes()).iterator().next().port());
    assertThat(get(cluster.authorizedOperations())).hasSize(7);
    create("allowed", 1);
    var topic =
        get(
            admin
                .describeTopics(
                    List.of("allowed"),
                    new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .allTopicNames());
    assertThat(topic.get("allowed").authorizedOperations()).hasSize(8);
  }

  @Test
  void aTopicOfManyPartitionsIsDescribedPageByPage() throws Exception {
    create("wide", 2_500);

    var paged = new DescribeTopicsOptions().partitionSizeLimitPerResponse(700);
    var described = get(admin.describeTopics(List.of("wide"), paged).allTopicNames()).get("wide");

    assertThat(described.partitions()).hasSize(2_500);
    assertThat(described.partitions())
        .extracting(p -> p.partition())
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void theLogFolderTellsTheSizesOfPartitions() throws Exception {
    create("sized", 2);

    var folders = get(admin.describeLogDirs(Set.of(1)).allDescriptions()).get(1);

    var replicas = folders.values().iterator().next().replicaInfos();
    assertThat(replicas)
        .anySatisfy(
            (partition, replica) -> {
              assertThat(partition.topic()).isEqualTo("sized");
              assertThat(replica.size()).isEqualTo(MemoryPartitions.HOT_BYTES);
            });
  }

  @Test
  void resourcesWithSettingsAreListed() throws Exception {
    create("listed", 1);

    var resources = get(admin.listConfigResources().all());

    assertThat(resources)
        .contains(
            new ConfigResource(ConfigResource.Type.TOPIC, "listed"),
            new ConfigResource(ConfigResource.Type.BROKER, "1"));
  }

  @Test
  void aProducerFindsTheLeadersOfATopicItNamesFirst() {
    try (var producer = producer(Map.of())) {
      assertThat(producer.partitionsFor("made.on.demand")).hasSize(1);
    }
  }

  @Test
  void aTransactionalProducerFailsAtOnce() {
    var settings = Map.<String, Object>of("transactional.id", "t", "max.block.ms", "10000");
    try (var producer = producer(settings)) {
      assertThatThrownBy(producer::initTransactions)
          .isInstanceOf(KafkaException.class)
          .isNotInstanceOf(org.apache.kafka.common.errors.TimeoutException.class);
    }
  }

  private static RequestRouter router(
      TopicAdmin topics, MemoryPartitions partitions, Map<String, String> settings) {
    var images = metadata.images();
    var configs = new ConfigDescriptions(images, GatewaySettings.ALL, settings);
    var handlers = new ArrayList<RequestHandler>();
    handlers.add(new MetadataHandler(images, topics, partitions, () -> true));
    handlers.add(new DescribeClusterHandler(images));
    handlers.add(new DescribeTopicPartitionsHandler(images, partitions));
    handlers.add(new CreateTopicsHandler(topics, configs));
    handlers.add(new DeleteTopicsHandler(images, topics));
    handlers.add(new CreatePartitionsHandler(topics));
    handlers.add(new DescribeConfigsHandler(images, configs));
    handlers.add(new AlterConfigsHandler(images, topics));
    handlers.add(new IncrementalAlterConfigsHandler(images, topics));
    handlers.add(new ListConfigResourcesHandler(images));
    handlers.add(new InitProducerIdHandler(metadata.producerIds()));
    handlers.add(new FindCoordinatorHandler(images, () -> CompletableFuture.completedStage(null)));
    handlers.add(
        new DescribeLogDirsHandler(
            images, partitions, () -> new DescribeLogDirsHandler.Folder("data", 2, 1)));
    return ApiVersionsHandler.routerOf(images, handlers);
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    var settings = new java.util.HashMap<String, Object>(more);
    settings.put("bootstrap.servers", bootstrap);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static void create(String name, int partitions) throws Exception {
    get(admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all());
  }

  private static TopicDescription describe(String name) throws Exception {
    return get(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
  }

  private static ConfigEntry describe(ConfigResource resource, String key) throws Exception {
    var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
    return get(admin.describeConfigs(List.of(resource), options).all()).get(resource).get(key);
  }

  private static void alter(ConfigResource resource, ConfigEntry entry, AlterConfigOp.OpType type)
      throws Exception {
    get(
        admin
            .incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, type))))
            .all());
  }

  private static void assertFails(KafkaFuture<?> answer, Class<? extends Throwable> with) {
    assertThatThrownBy(() -> get(answer)).hasCauseInstanceOf(with);
  }

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static <T> T await(CompletionStage<T> stage)
      throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
