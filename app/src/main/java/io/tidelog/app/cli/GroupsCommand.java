package io.tidelog.app.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists consumer groups and shows how far one is behind. */
@Command(name = "groups", description = "list consumer groups and show their lag")
final class GroupsCommand implements Runnable {

  @Mixin ClientOptions client = new ClientOptions();

  @Override
  public void run() {
    try (var admin = Admin.create(client.properties())) {
      admin
          .listGroups(new ListGroupsOptions())
          .all()
          .get()
          .forEach(
              group ->
                  System.out.println(
                      group.groupId()
                          + "\t"
                          + group.protocol()
                          + "\t"
                          + group.groupState().map(Object::toString).orElse("")));
    } catch (InterruptedException | ExecutionException e) {
      throw Outcome.asFailure(e);
    }
  }

  @Command(name = "describe", description = "show committed offsets and lag of a group")
  void describe(@Mixin ClientOptions options, @Parameters(paramLabel = "GROUP") String group)
      throws InterruptedException, ExecutionException {
    try (var admin = Admin.create(options.properties())) {
      var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      var ends =
          admin
              .listOffsets(
                  committed.keySet().stream()
                      .collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest())))
              .all()
              .get();
      List<TopicPartition> partitions =
          committed.keySet().stream()
              .sorted(
                  Comparator.comparing(TopicPartition::topic)
                      .thenComparing(TopicPartition::partition))
              .toList();
      System.out.printf("%-40s %12s %12s %12s%n", "PARTITION", "COMMITTED", "END", "LAG");
      for (var partition : partitions) {
        long offset = Objects.requireNonNull(committed.get(partition)).offset();
        long end = Objects.requireNonNull(ends.get(partition)).offset();
        System.out.printf("%-40s %12d %12d %12d%n", partition, offset, end, end - offset);
      }
    }
  }
}
