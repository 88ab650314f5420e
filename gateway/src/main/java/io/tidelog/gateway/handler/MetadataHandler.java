package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients the nodes, and the leaders of the topics they name; creates a topic that is missing
 * when node and client allow it, and answers with its leaders at once.
 */
public final class MetadataHandler implements RequestHandler {

  private static final short ID_VERSION = 12;

  private final ClusterImages images;
  private final TopicAdmin admin;
  private final TopicPictures pictures;
  private final BooleanSupplier autoCreate;

  /**
   * @param autoCreate {@code auto.create.topics.enable}
   */
  public MetadataHandler(
      ClusterImages images, TopicAdmin admin, LogReader reader, BooleanSupplier autoCreate) {
    this(images, admin, reader, autoCreate, ClientZones.UNSET);
  }

  /**
   * @param reader of what this node leads, null when it leads nothing
   */
  public MetadataHandler(
      ClusterImages images,
      TopicAdmin admin,
      @Nullable LogReader reader,
      BooleanSupplier autoCreate,
      ClientZones zones) {
    this.images = images;
    this.admin = admin;
    this.pictures = new TopicPictures(reader, zones);
    this.autoCreate = autoCreate;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.METADATA;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = (MetadataRequest) request.body();
    var cluster = images.current();
    var wrong = wrongNaming(body);
    if (wrong != null) {
      request.fail(new Fault.Refused(Refusal.INVALID_REQUEST, wrong));
      return;
    }
    if (body.isAllTopics()) {
      var shown = pictures.seenBy(request, cluster);
      answer(
          request, cluster, cluster.topics().stream().map(t -> known(cluster, t, shown)).toList());
      return;
    }
    var found = new ArrayList<CompletionStage<MetadataResponseTopic>>();
    var shown = pictures.seenBy(request, cluster);
    // Once each: a topic of many partitions named often would make an answer without measure.
    var told = new HashSet<Object>();
    for (var wanted : body.data().topics()) {
      var topic = resolve(cluster, wanted);
      boolean again = !told.add(isById(wanted) ? wanted.topicId() : wanted.name());
      if (topic != null && told.add(topic.id()) && !again) {
        found.add(done(known(cluster, topic, shown)));
      } else if (topic == null && !again) {
        found.add(missing(request, wanted));
      }
    }
    if (found.stream().allMatch(stage -> stage.toCompletableFuture().isDone())) {
      answer(
          request, cluster, found.stream().map(s -> s.toCompletableFuture().resultNow()).toList());
      return;
    }
    Outcomes.gather(
        request,
        found,
        fault -> new MetadataResponseTopic().setErrorCode(KafkaErrors.of(fault).code()),
        topics -> answer(request, images.current(), topics));
  }

  /** Topics may be named by id from version 12 on only. */
  private static @Nullable String wrongNaming(MetadataRequest body) {
    if (body.isAllTopics() || body.version() >= ID_VERSION) {
      return null;
    }
    for (var topic : body.data().topics()) {
      if (topic.name() == null || !topic.topicId().equals(Uuid.ZERO_UUID)) {
        return "Topic IDs are not supported in requests for version " + body.version();
      }
    }
    return null;
  }

  /** A client that names an id leaves the name null or empty. */
  private static boolean isById(MetadataRequestTopic wanted) {
    return wanted.name() == null || !wanted.topicId().equals(Uuid.ZERO_UUID);
  }

  private static @Nullable TopicImage resolve(ClusterImage cluster, MetadataRequestTopic wanted) {
    return isById(wanted)
        ? cluster.topic(KafkaIds.ours(wanted.topicId()))
        : cluster.topic(wanted.name());
  }

  private CompletionStage<MetadataResponseTopic> missing(
      ClientRequest request, MetadataRequestTopic wanted) {
    var body = (MetadataRequest) request.body();
    if (isById(wanted)) {
      return done(
          new MetadataResponseTopic()
              .setName(null)
              .setTopicId(wanted.topicId())
              .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
    }
    var error = errorOfMissing(wanted.name());
    boolean mayCreate =
        error == Errors.UNKNOWN_TOPIC_OR_PARTITION
            && body.allowAutoTopicCreation()
            && autoCreate.getAsBoolean();
    if (!mayCreate || Topic.isInternal(wanted.name())) { // the coordinator makes its own topics
      return done(failed(wanted.name(), error));
    }
    return create(request, wanted.name());
  }

  /** Why there is no topic of this name. */
  static Errors errorOfMissing(String name) {
    try {
      Topic.validate(name);
      return Errors.UNKNOWN_TOPIC_OR_PARTITION;
    } catch (InvalidTopicException e) {
      return Errors.INVALID_TOPIC_EXCEPTION;
    }
  }

  private CompletionStage<MetadataResponseTopic> create(ClientRequest request, String name) {
    var topic = new NewTopic(name, NewTopic.DEFAULT, NewTopic.DEFAULT, null, Map.of());
    return admin
        .create(topic, false)
        .thenApply(created -> known(request, created))
        .exceptionally(fault -> afterFailedCreation(request, name, fault));
  }

  /** Somebody else may have created it meanwhile. */
  private MetadataResponseTopic afterFailedCreation(
      ClientRequest request, String name, Throwable fault) {
    var topic = images.current().topic(name);
    return topic == null ? failed(name, KafkaErrors.of(fault)) : known(request, topic);
  }

  private MetadataResponseTopic known(ClientRequest request, TopicImage topic) {
    var cluster = images.current();
    return known(cluster, topic, pictures.seenBy(request, cluster));
  }

  private MetadataResponseTopic known(ClusterImage cluster, TopicImage topic, ShownLeaders shown) {
    return new MetadataResponseTopic()
        .setName(topic.name())
        .setTopicId(KafkaIds.kafka(topic.id()))
        .setIsInternal(topic.internal())
        .setPartitions(pictures.metadata(cluster, topic, shown));
  }

  private static MetadataResponseTopic failed(String name, Errors error) {
    return new MetadataResponseTopic()
        .setName(name)
        .setTopicId(Uuid.ZERO_UUID)
        .setIsInternal(Topic.isInternal(name))
        .setErrorCode(error.code());
  }

  private static void answer(
      ClientRequest request, ClusterImage cluster, List<MetadataResponseTopic> topics) {
    var body = (MetadataRequest) request.body();
    var response =
        new MetadataResponseData()
            .setClusterId(cluster.clusterId())
            .setControllerId(ShownLeaders.of(cluster, null).controller())
            // In its final size: one that grows moves what it has again and again.
            .setTopics(new MetadataResponseTopicCollection(topics.size()));
    for (var node : SeenNodes.brokers(request, cluster)) {
      response
          .brokers()
          .add(
              new MetadataResponseBroker()
                  .setNodeId(node.id())
                  .setHost(node.host())
                  .setPort(node.port())
                  .setRack(node.rack()));
    }
    for (var topic : topics) {
      if (body.data().includeTopicAuthorizedOperations() && topic.errorCode() == 0) {
        topic.setTopicAuthorizedOperations(TopicPictures.ALL_TOPIC_OPERATIONS);
      }
      response.topics().add(topic);
    }
    if (body.data().includeClusterAuthorizedOperations()) {
      response.setClusterAuthorizedOperations(DescribeClusterHandler.ALL_CLUSTER_OPERATIONS);
    }
    request.respond(response);
  }

  private static CompletionStage<MetadataResponseTopic> done(MetadataResponseTopic topic) {
    return CompletableFuture.completedStage(topic);
  }
}
