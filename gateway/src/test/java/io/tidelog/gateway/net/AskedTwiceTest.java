package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.config.Setting;
import io.tidelog.gateway.handler.ConfigDescriptions;
import io.tidelog.gateway.handler.CreatePartitionsHandler;
import io.tidelog.gateway.handler.CreateTopicsHandler;
import io.tidelog.gateway.handler.DeleteTopicsHandler;
import io.tidelog.gateway.handler.DescribeConfigsHandler;
import io.tidelog.gateway.handler.DescribeLogDirsHandler;
import io.tidelog.gateway.handler.DescribeTopicPartitionsHandler;
import io.tidelog.gateway.handler.InitProducerIdHandler;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Requests that name something twice, or something that cannot be, as no client library sends them;
 * the expected answers are Apache Kafka 4.3.1's.
 */
@ExtendWith(LeakCheck.class)
class AskedTwiceTest {

  private final InMemoryCluster topics = new InMemoryCluster();
  private RunningGateway gateway;
  private RawClient client;

  @BeforeEach
  void start() throws Exception {
    var configs = new ConfigDescriptions(topics, List.<Setting<?>>of(), Map.of());
    gateway =
        RunningGateway.start(
            Map.of(),
            new CreateTopicsHandler(topics, configs),
            new CreatePartitionsHandler(topics),
            new DeleteTopicsHandler(topics, topics),
            new DescribeTopicPartitionsHandler(topics, topics),
            new DescribeConfigsHandler(topics, configs),
            new DescribeLogDirsHandler(
                topics, topics, () -> new DescribeLogDirsHandler.Folder("data", 2, 1)),
            new InitProducerIdHandler(() -> CompletableFuture.completedStage(7L)));
    client = gateway.connect();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    gateway.close();
  }

  @Test
  void settingsAreToldOnceHoweverOftenTheyAreAskedFor() throws Exception {
    create(gateway.cluster, "orders");
    var resource =
        new DescribeConfigsResource()
            .setResourceType(ConfigResource.Type.TOPIC.id())
            .setResourceName("orders");
    var data =
        new DescribeConfigsRequestData().setResources(List.of(resource, resource.duplicate()));

    var answer =
        ask(new DescribeConfigsRequest(data, (short) 4), DescribeConfigsResponse.class).data();

    assertThat(answer.results()).extracting(told -> told.resourceName()).containsExactly("orders");
  }

  @Test
  void metadataOfATopicIsToldOnceHoweverOftenAndByWhicheverNameItIsAskedFor() throws Exception {
    var orders = create(gateway.cluster, "orders");
    var id = KafkaIds.kafka(orders.id());
    var data =
        new MetadataRequestData()
            .setTopics(
                List.of(
                    new MetadataRequestTopic().setName("orders"),
                    new MetadataRequestTopic().setName("orders"),
                    new MetadataRequestTopic().setName("alias").setTopicId(id),
                    new MetadataRequestTopic().setName("fresh"),
                    new MetadataRequestTopic().setName("fresh")));

    var answer = ask(new MetadataRequest(data, (short) 13), MetadataResponse.class).data();

    assertThat(answer.topics())
        .extracting(topic -> topic.name())
        .containsExactly("orders", "fresh");
  }

  @Test
  void aTopicToBeGrownTwiceIsNotGrown() throws Exception {
    create(topics, "orders");
    var data = new CreatePartitionsRequestData().setTimeoutMs(1_000);
    data.topics().mustAdd(new CreatePartitionsTopic().setName("orders").setCount(3));
    data.topics().mustAdd(new CreatePartitionsTopic().setName("orders").setCount(4));
    var request = new CreatePartitionsRequest.Builder(data).build((short) 3);

    var answer = ask(request, CreatePartitionsResponse.class).data();

    assertThat(answer.results()).hasSize(1);
    assertThat(answer.results().getFirst().errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
  }

  @Test
  void aTopicToBeDeletedTwiceIsNotDeleted() throws Exception {
    create(topics, "orders");
    var twice =
        List.of(new DeleteTopicState().setName("orders"), new DeleteTopicState().setName("orders"));
    var data = new DeleteTopicsRequestData().setTopics(twice).setTimeoutMs(1_000);
    var request = new DeleteTopicsRequest.Builder(data).build((short) 6);

    var answer = ask(request, DeleteTopicsResponse.class).data();

    assertThat(answer.responses()).hasSize(1);
    assertThat(answer.responses().find("orders").errorCode())
        .isEqualTo(Errors.INVALID_REQUEST.code());
    assertThat(topics.topic("orders")).isNotNull();
  }

  @Test
  void aPartitionAssignedTwiceIsRefused() throws Exception {
    var topic = new CreatableTopic().setName("orders").setNumPartitions(-1);
    topic.setReplicationFactor((short) -1);
    for (int i = 0; i < 2; i++) {
      topic
          .assignments()
          .mustAdd(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1)));
    }
    var data = new CreateTopicsRequestData().setTimeoutMs(1_000);
    data.topics().mustAdd(topic);
    var request = new CreateTopicsRequest.Builder(data).build((short) 7);

    var answer = ask(request, CreateTopicsResponse.class).data();

    assertThat(answer.topics().find("orders").errorCode())
        .isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT.code());
    assertThat(topics.topic("orders")).isNull();
  }

  @Test
  void theLogFolderTellsNothingOfPartitionsThatCannotBe() throws Exception {
    create(topics, "orders");
    var data = new DescribeLogDirsRequestData();
    data.topics()
        .mustAdd(new DescribableLogDirTopic().setTopic("orders").setPartitions(List.of(-1, 99)));
    var request = new DescribeLogDirsRequest.Builder(data).build((short) 4);

    var answer = ask(request, DescribeLogDirsResponse.class).data();

    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(answer.results().getFirst().topics()).isEmpty();
  }

  @Test
  void aCursorBehindTheLastPartitionGoesOnWithTheNextTopic() throws Exception {
    create(topics, "orders");
    create(topics, "prices");
    var cursor = new Cursor().setTopicName("orders").setPartitionIndex(Integer.MAX_VALUE);
    var data = new DescribeTopicPartitionsRequestData().setCursor(cursor);
    data.setTopics(List.of(named("orders"), named("prices"), named("a/b")));
    var request = new DescribeTopicPartitionsRequest.Builder(data).build((short) 0);

    var answer = ask(request, DescribeTopicPartitionsResponse.class).data();

    assertThat(answer.nextCursor()).isNull();
    assertThat(answer.topics().find("orders").partitions()).isEmpty();
    assertThat(answer.topics().find("prices").partitions()).hasSize(1);
  }

  @Test
  void aTopicThatCannotBeIsToldAsSuch() throws Exception {
    var data = new DescribeTopicPartitionsRequestData().setTopics(List.of(named("a/b")));
    var request = new DescribeTopicPartitionsRequest.Builder(data).build((short) 0);

    var answer = ask(request, DescribeTopicPartitionsResponse.class).data();

    assertThat(answer.topics().find("a/b").errorCode())
        .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
  }

  @Test
  void anInternalTopicIsNotGrown() throws Exception {
    create(topics, "__consumer_offsets");
    var data = new CreatePartitionsRequestData().setTimeoutMs(1_000);
    data.topics().mustAdd(new CreatePartitionsTopic().setName("__consumer_offsets").setCount(3));
    var request = new CreatePartitionsRequest.Builder(data).build((short) 3);

    var answer = ask(request, CreatePartitionsResponse.class).data();

    assertThat(answer.results().getFirst().errorCode()).isEqualTo(Errors.INVALID_PARTITIONS.code());
  }

  @Test
  void aProducerIdWithoutItsEpochIsRefused() throws Exception {
    var data =
        new InitProducerIdRequestData()
            .setTransactionalId(null)
            .setTransactionTimeoutMs(1_000)
            .setProducerId(7);
    var request = new InitProducerIdRequest.Builder(data).build((short) 4);

    var answer = ask(request, InitProducerIdResponse.class).data();

    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
  }

  private <T> T ask(AbstractRequest request, Class<T> type) throws IOException {
    return type.cast(client.read(client.send(request, 1)));
  }

  private static TopicRequest named(String topic) {
    return new TopicRequest().setName(topic);
  }

  private static TopicImage create(InMemoryCluster cluster, String name) {
    var topic = new NewTopic(name, 1, NewTopic.DEFAULT, null, Map.of());
    return cluster.create(topic, false).toCompletableFuture().resultNow();
  }
}
