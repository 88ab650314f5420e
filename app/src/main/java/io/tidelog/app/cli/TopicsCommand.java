package io.tidelog.app.cli;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists, creates, describes and deletes topics, and delivers what waits in them. */
@Command(name = "topics", description = "list, create, describe and delete topics; alone it lists")
final class TopicsCommand implements Runnable {

  @Mixin ClientOptions client = new ClientOptions();

  @Override
  public void run() {
    list(client);
  }

  @Command(name = "list", description = "print the names of topics")
  void list(@Mixin ClientOptions options) {
    try (var admin = Admin.create(options.properties())) {
      new TreeSet<>(admin.listTopics(new ListTopicsOptions()).names().get())
          .forEach(System.out::println);
    } catch (InterruptedException | ExecutionException e) {
      throw Outcome.asFailure(e);
    }
  }

  @Command(name = "create", description = "create a topic; NAME_30m makes a delay topic")
  void create(
      @Mixin ClientOptions options,
      @Parameters(paramLabel = "NAME") String name,
      @Option(
              names = "--partitions",
              paramLabel = "N",
              description = "default: the node's num.partitions")
          Optional<Integer> partitions,
      @Option(names = "--config", paramLabel = "KEY=VALUE", description = "may be repeated")
          Map<String, String> configs)
      throws InterruptedException, ExecutionException {
    try (var admin = Admin.create(options.properties())) {
      var topic = new NewTopic(name, partitions, Optional.empty());
      var created =
          admin.createTopics(List.of(topic.configs(configs == null ? Map.of() : configs)));
      created.all().get();
      var delayMs = created.config(name).get().get("delay.ms");
      System.out.println(
          "created "
              + name
              + ", partitions="
              + created.numPartitions(name).get()
              + (delayMs == null || "0".equals(delayMs.value())
                  ? ""
                  : ", delay.ms=" + delayMs.value()));
    }
  }

  @Command(name = "delete", description = "delete topics and their records in both tiers")
  void delete(
      @Mixin ClientOptions options,
      @Parameters(paramLabel = "NAME", arity = "1..*") List<String> names)
      throws InterruptedException, ExecutionException {
    try (var admin = Admin.create(options.properties())) {
      for (var name : names) {
        var unused = find(admin, name);
      }
      admin.deleteTopics(names).all().get();
      System.out.println("deleted " + String.join(" ", names));
    }
  }

  @Command(name = "describe", description = "show a topic's partitions and settings")
  void describe(@Mixin ClientOptions options, @Parameters(paramLabel = "NAME") String name)
      throws InterruptedException, ExecutionException {
    try (var admin = Admin.create(options.properties())) {
      var topic = find(admin, name);
      var partitions =
          topic.partitions().stream()
              .map(partition -> new TopicPartition(name, partition.partition()))
              .toList();
      var starts = ends(admin, partitions, OffsetSpec.earliest());
      var ends = ends(admin, partitions, OffsetSpec.latest());
      System.out.println(name + "  id=" + topic.topicId() + "  partitions=" + partitions.size());
      for (var partition : partitions) {
        System.out.printf(
            "  partition %d  start %d  end %d%n",
            partition.partition(), starts.get(partition), ends.get(partition));
      }
      printChangedConfigs(admin, name);
    }
  }

  @Command(name = "pending", description = "show what of delay topics is not due yet")
  void pending(@Mixin AdminOptions admin) throws InterruptedException {
    System.out.printf("%-40s %12s %14s  %s%n", "TOPIC", "RECORDS", "BYTES", "NEXT DUE");
    for (var each : new JsonArray(admin.get("/delay"))) {
      var topic = (JsonObject) each;
      System.out.printf(
          "%-40s %12d %14d  %s%n",
          topic.getString("topic"),
          topic.getLong("pendingRecords"),
          topic.getLong("pendingBytes"),
          Instant.ofEpochMilli(topic.getLong("nextDueMs")));
    }
  }

  @Command(name = "deliver", description = "make everything pending of a delay topic due now")
  void deliver(@Mixin AdminOptions admin, @Parameters(paramLabel = "NAME") String name)
      throws InterruptedException {
    System.out.print(admin.post("/delay/deliver", "topic", name));
  }

  private static TopicDescription find(Admin admin, String name)
      throws InterruptedException, ExecutionException {
    try {
      return Objects.requireNonNull(
          admin.describeTopics(List.of(name)).allTopicNames().get().get(name));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new Fault.Refused(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name);
      }
      throw e;
    }
  }

  private static Map<TopicPartition, Long> ends(
      Admin admin, List<TopicPartition> partitions, OffsetSpec which)
      throws InterruptedException, ExecutionException {
    return admin
        .listOffsets(partitions.stream().collect(Collectors.toMap(p -> p, p -> which)))
        .all()
        .get()
        .entrySet()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  private static void printChangedConfigs(Admin admin, String name)
      throws InterruptedException, ExecutionException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    Objects.requireNonNull(config).entries().stream()
        .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
        .forEach(entry -> System.out.println("  " + entry.name() + "=" + entry.value()));
  }
}
