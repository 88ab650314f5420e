package io.tidelog.gateway.handler;

import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;

/** Tells how many bytes of each partition the hot tier holds, in the one folder of this node. */
public final class DescribeLogDirsHandler implements RequestHandler {

  private final ClusterImages images;
  private final LogReader reader;
  private final Supplier<Folder> folder;

  /** The data folder and its disk; sizes in bytes. */
  public record Folder(String path, long totalBytes, long usableBytes) {}

  public DescribeLogDirsHandler(ClusterImages images, LogReader reader, Supplier<Folder> folder) {
    this.images = images;
    this.reader = reader;
    this.folder = folder;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DESCRIBE_LOG_DIRS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((DescribeLogDirsRequest) request.body()).data();
    var topics = new ArrayList<DescribeLogDirsTopic>();
    var wanted = body.topics() == null ? all() : wanted(body.topics());
    wanted.forEach(
        (topic, partitions) -> {
          var described = describe(topic, partitions);
          if (!described.isEmpty()) {
            topics.add(new DescribeLogDirsTopic().setName(topic.name()).setPartitions(described));
          }
        });
    var disk = folder.get();
    request.respond(
        new DescribeLogDirsResponseData()
            .setErrorCode(Errors.NONE.code())
            .setResults(
                List.of(
                    new DescribeLogDirsResult()
                        .setLogDir(disk.path())
                        .setTotalBytes(disk.totalBytes())
                        .setUsableBytes(disk.usableBytes())
                        .setTopics(topics))));
  }

  private Map<TopicImage, List<Integer>> all() {
    var wanted = new LinkedHashMap<TopicImage, List<Integer>>();
    for (var topic : images.current().topics()) {
      var partitions = new ArrayList<Integer>();
      for (int index = 0; index < topic.partitionCount(); index++) {
        partitions.add(index);
      }
      wanted.put(topic, partitions);
    }
    return wanted;
  }

  private Map<TopicImage, List<Integer>> wanted(Collection<DescribableLogDirTopic> topics) {
    var wanted = new LinkedHashMap<TopicImage, List<Integer>>();
    for (var named : topics) {
      var topic = images.current().topic(named.topic());
      if (topic != null) {
        wanted.put(topic, named.partitions());
      }
    }
    return wanted;
  }

  /** Those that exist; the protocol has no word for the others. */
  private List<DescribeLogDirsPartition> describe(TopicImage topic, List<Integer> partitions) {
    var described = new ArrayList<DescribeLogDirsPartition>();
    for (int index : partitions) {
      var snapshot =
          index >= 0 && index < topic.partitionCount()
              ? reader.snapshot(topic.partition(index))
              : null;
      if (snapshot != null) {
        described.add(
            new DescribeLogDirsPartition()
                .setPartitionIndex(index)
                .setPartitionSize(snapshot.hotBytes())
                .setOffsetLag(0));
      }
    }
    return described;
  }
}
