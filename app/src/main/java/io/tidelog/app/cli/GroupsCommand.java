package io.tidelog.app.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists consumer groups and shows how far one is behind. */
@Command(name = "groups", description = "list consumer groups and show their lag; alone it lists")
final class GroupsCommand implements Runnable {

  private static final String LIST_COLUMNS = "%-40s %-10s %s%n";

  @Mixin ClientOptions client = new ClientOptions();

  @Override
  public void run() {
    list(client);
  }

  @Command(name = "list", description = "print groups, their protocol and state")
  void list(@Mixin ClientOptions options) {
    try (var admin = Admin.create(options.properties())) {
      var groups = admin.listGroups(new ListGroupsOptions()).all().get();
      System.out.printf(LIST_COLUMNS, "GROUP", "PROTOCOL", "STATE");
      for (var group : groups) {
        System.out.printf(
            LIST_COLUMNS,
            group.groupId(),
            group.type().map(Object::toString).orElse(""),
            group.groupState().map(Object::toString).orElse(""));
      }
    } catch (InterruptedException | ExecutionException e) {
      throw Outcome.asFailure(e);
    }
  }

  @Command(name = "describe", description = "show committed offsets and lag of a group")
  void describe(@Mixin ClientOptions options, @Parameters(paramLabel = "GROUP") String group)
      throws InterruptedException, ExecutionException {
    try (var admin = Admin.create(options.properties())) {
      var found = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group);
      var state = Objects.requireNonNull(found).get();
      System.out.println(group + "  " + state.groupState() + "  members=" + state.members().size());
      var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      var ends =
          admin.listOffsets(
              committed.keySet().stream()
                  .collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest())));
      List<TopicPartition> partitions =
          committed.keySet().stream()
              .sorted(
                  Comparator.comparing(TopicPartition::topic)
                      .thenComparing(TopicPartition::partition))
              .toList();
      System.out.printf("%-40s %12s %12s %12s%n", "PARTITION", "COMMITTED", "END", "LAG");
      for (var partition : partitions) {
        long offset = Objects.requireNonNull(committed.get(partition)).offset();
        printLag(partition, offset, ends.partitionResult(partition));
      }
    }
  }

  /** The topic of a committed offset may be gone. */
  private static void printLag(
      TopicPartition partition, long offset, KafkaFuture<ListOffsetsResultInfo> latest)
      throws InterruptedException, ExecutionException {
    try {
      long end = latest.get().offset();
      System.out.printf("%-40s %12d %12d %12d%n", partition, offset, end, end - offset);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
      System.out.printf("%-40s %12d %12s %12s%n", partition, offset, "no topic", "");
    }
  }
}
