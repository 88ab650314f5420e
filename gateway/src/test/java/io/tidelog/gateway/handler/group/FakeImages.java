package io.tidelog.gateway.handler.group;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.core.LogId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicConfig;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A cluster with a few topics that does not change. */
record FakeImages(List<TopicImage> topics) implements ClusterImages {

  static TopicImage topic(String name, int partitions) {
    var partition = new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
    return new TopicImage(
        name,
        UUID.nameUUIDFromBytes(name.getBytes(UTF_8)),
        Map.of(),
        false,
        PartitionHomes.inOneLog(partitions, new LogId(new UUID(1, 1))),
        new TopicConfig(1 << 20, false, 0, 0, "producer", 1, partition),
        1);
  }

  @Override
  public ClusterImage current() {
    return new Image(topics);
  }

  @Override
  public void onChange(Consumer<ClusterImage> listener) {
    listener.accept(current());
  }

  private record Image(List<TopicImage> topicList) implements ClusterImage {
    @Override
    public String clusterId() {
      return "c";
    }

    @Override
    public int nodeId() {
      return 1;
    }

    @Override
    public Collection<NodeRegistration> registrations() {
      return List.of();
    }

    @Override
    public @Nullable NodeRegistration registration(int id) {
      return null;
    }

    @Override
    public Collection<LogRecord> logs() {
      return List.of();
    }

    @Override
    public @Nullable LogRecord log(LogId id) {
      return null;
    }

    @Override
    public int controllerId() {
      return 1;
    }

    @Override
    public Collection<NodeImage> nodes() {
      return List.of();
    }

    @Override
    public NodeImage node(int id) {
      return null;
    }

    @Override
    public TopicImage topic(String name) {
      return topicList.stream().filter(t -> t.name().equals(name)).findFirst().orElse(null);
    }

    @Override
    public TopicImage topic(UUID id) {
      return topicList.stream().filter(t -> t.id().equals(id)).findFirst().orElse(null);
    }

    @Override
    public Collection<TopicImage> topics() {
      return topicList;
    }

    @Override
    public Map<String, String> clusterConfigs() {
      return Map.of();
    }

    @Override
    public Map<String, String> nodeConfigs(int nodeId) {
      return Map.of();
    }

    @Override
    public TopicDefaults topicDefaults() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long revision() {
      return 1;
    }
  }
}
