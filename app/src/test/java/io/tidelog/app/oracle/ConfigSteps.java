package io.tidelog.app.oracle;

import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;
import org.apache.kafka.common.requests.ListConfigResourcesResponse;

/** The steps of the scenario that ask for and change settings of everything that can have some. */
final class ConfigSteps {

  private static final byte TOPIC = ConfigResource.Type.TOPIC.id();
  private static final byte BROKER = ConfigResource.Type.BROKER.id();
  private static final byte GROUP = ConfigResource.Type.GROUP.id();
  private static final byte CLIENT_METRICS = ConfigResource.Type.CLIENT_METRICS.id();
  private static final byte BROKER_LOGGER = ConfigResource.Type.BROKER_LOGGER.id();
  private static final byte NO_TYPE = 99;

  private final Admin admin;
  private final int port;

  ConfigSteps(Admin admin, int port) {
    this.admin = admin;
    this.port = port;
  }

  /** Needs the topic {@code t}. */
  void run(BiConsumer<String, Callable<String>> step) {
    step.accept("create, validate only, has an id", this::validatedHasAnId);
    for (var name : List.of("consumer.session.timeout.ms", "consumer.heartbeat.interval.ms")) {
      step.accept("group config " + name, () -> groupConfig("g", name));
    }
    step.accept("group config of no name", () -> describe(GROUP, ""));
    step.accept("group config nobody knows", () -> groupConfig("g", "no.such"));
    step.accept("describe client metrics", () -> describe(CLIENT_METRICS, "m"));
    step.accept("describe client metrics of no name", () -> describe(CLIENT_METRICS, ""));
    step.accept("describe another broker", () -> describe(BROKER, "77"));
    step.accept("describe a broker that is no number", () -> describe(BROKER, "x"));
    step.accept("describe loggers of another broker", () -> describe(BROKER_LOGGER, "77"));
    step.accept("describe what is no resource", () -> describe(NO_TYPE, "x"));
    step.accept("list topics with configs", () -> list(1, TOPIC));
    step.accept("list brokers with configs", () -> list(1, BROKER));
    step.accept("list groups with configs", () -> list(1, GROUP));
    step.accept("list loggers with configs", () -> list(1, BROKER_LOGGER));
    step.accept("list what is no resource", () -> list(1, NO_TYPE));
    step.accept("list, first version", () -> list(0));
    step.accept("replace configs", () -> replace(TOPIC, "t"));
    step.accept("replace configs, named twice", () -> replace(TOPIC, "t", "t"));
    step.accept("replace configs of a group without name", () -> replace(GROUP, ""));
    step.accept("replace configs of what is no resource", () -> replace(NO_TYPE, "x"));
    step.accept("change configs", () -> change(TOPIC, "t"));
    step.accept("change configs, named twice", () -> change(TOPIC, "t", "t"));
    step.accept("change configs, one named twice", () -> change(TOPIC, "t", "nope", "t"));
    step.accept("change configs of what is no resource", () -> change(NO_TYPE, "x"));
    step.accept("change configs of another broker", () -> change(BROKER, "77"));
  }

  private String validatedHasAnId() throws Exception {
    var created =
        admin.createTopics(
            List.of(new NewTopic("w", 1, (short) 1)), new CreateTopicsOptions().validateOnly(true));
    return "id given: " + !created.topicId("w").get().equals(Uuid.ZERO_UUID);
  }

  private String groupConfig(String group, String name) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    var entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name);
    return entry == null ? "none" : entry.value() + " " + entry.source();
  }

  private String describe(byte type, String name) {
    var data =
        new DescribeConfigsRequestData()
            .setResources(
                List.of(
                    new DescribeConfigsRequestData.DescribeConfigsResource()
                        .setResourceType(type)
                        .setResourceName(name)));
    var result =
        ask(
                new DescribeConfigsRequest.Builder(data).build((short) 4),
                DescribeConfigsResponse.class)
            .data()
            .results()
            .get(0);
    return Errors.forCode(result.errorCode()).name();
  }

  private String list(int version, Byte... types) {
    var data = new ListConfigResourcesRequestData().setResourceTypes(List.of(types));
    var answer =
        ask(
                new ListConfigResourcesRequest.Builder(data).build((short) version),
                ListConfigResourcesResponse.class)
            .data();
    var names = new TreeSet<String>();
    answer.configResources().forEach(found -> names.add(found.resourceName()));
    return Errors.forCode(answer.errorCode()) + " " + names;
  }

  private String replace(byte type, String... names) {
    var data = new AlterConfigsRequestData().setValidateOnly(true);
    var resources = new AlterConfigsRequestData.AlterConfigsResourceCollection();
    for (var name : names) {
      resources.mustAdd(
          new AlterConfigsRequestData.AlterConfigsResource()
              .setResourceType(type)
              .setResourceName(name));
    }
    return ask(
            new AlterConfigsRequest(data.setResources(resources), (short) 2),
            AlterConfigsResponse.class)
        .data()
        .responses()
        .stream()
        .map(each -> each.resourceName() + " " + Errors.forCode(each.errorCode()))
        .sorted()
        .toList()
        .toString();
  }

  private String change(byte type, String... names) {
    var data = new IncrementalAlterConfigsRequestData().setValidateOnly(true);
    var resources = new IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection();
    for (var name : names) {
      resources.mustAdd(
          new IncrementalAlterConfigsRequestData.AlterConfigsResource()
              .setResourceType(type)
              .setResourceName(name));
    }
    return ask(
            new IncrementalAlterConfigsRequest.Builder(data.setResources(resources))
                .build((short) 1),
            IncrementalAlterConfigsResponse.class)
        .data()
        .responses()
        .stream()
        .map(each -> each.resourceName() + " " + Errors.forCode(each.errorCode()))
        .sorted()
        .toList()
        .toString();
  }

  /** On a connection of its own: what is closed for one question is open for the next. */
  private <T extends AbstractResponse> T ask(AbstractRequest request, Class<T> type) {
    try (var raw = new RawConnection(port)) {
      return raw.ask(request, type);
    }
  }
}
