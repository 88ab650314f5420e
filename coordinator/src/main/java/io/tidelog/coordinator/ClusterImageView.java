package io.tidelog.coordinator;

import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.TopicImage;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.image.AclsImage;
import org.apache.kafka.image.ClientQuotasImage;
import org.apache.kafka.image.ConfigurationsImage;
import org.apache.kafka.image.DelegationTokenImage;
import org.apache.kafka.image.FeaturesImage;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.ProducerIdsImage;
import org.apache.kafka.image.ScramImage;
import org.apache.kafka.image.TopicsImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.apache.kafka.metadata.PartitionRegistration;
import org.apache.kafka.server.immutable.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * Shows a {@link ClusterImage} as the metadata image Kafka's coordinator wants, without copying it:
 * a topic is translated when it is asked for, and its partitions share one registration, since the
 * coordinator looks at their number and at their racks only. Immutable.
 */
final class ClusterImageView {

  private ClusterImageView() {}

  static MetadataImage of(ClusterImage image) {
    var partition = new PartitionRegistration(anyPartition(image));
    Function<TopicImage, org.apache.kafka.image.TopicImage> translation =
        topic ->
            new org.apache.kafka.image.TopicImage(
                topic.name(),
                uuid(topic.id()),
                new SamePartitions(topic.partitionCount(), partition));
    var byId =
        new View<Uuid, org.apache.kafka.image.TopicImage>(
            image,
            key -> key instanceof Uuid id ? image.topic(javaUuid(id)) : null,
            topic -> uuid(topic.id()),
            translation);
    var byName =
        new View<String, org.apache.kafka.image.TopicImage>(
            image,
            key -> key instanceof String name ? image.topic(name) : null,
            TopicImage::name,
            translation);
    return new MetadataImage(
        new MetadataProvenance(image.revision(), 0, 0, true),
        FeaturesImage.EMPTY,
        new org.apache.kafka.image.ClusterImage(brokers(image), Map.of()),
        new TopicsImage(byId, byName),
        ConfigurationsImage.EMPTY,
        ClientQuotasImage.EMPTY,
        ProducerIdsImage.EMPTY,
        AclsImage.EMPTY,
        ScramImage.EMPTY,
        DelegationTokenImage.EMPTY);
  }

  static Uuid uuid(UUID id) {
    return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  static UUID javaUuid(Uuid id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  /** A record that stands for a partition of a topic; only its existence says anything. */
  static PartitionRecord anyPartition(ClusterImage image) {
    var nodes = image.nodes().stream().map(node -> node.id()).sorted().toList();
    return new PartitionRecord()
        .setReplicas(nodes)
        .setIsr(nodes)
        .setDirectories(nodes.stream().map(node -> Uuid.ZERO_UUID).toList())
        .setLeader(nodes.isEmpty() ? -1 : nodes.getFirst());
  }

  private static Map<Integer, BrokerRegistration> brokers(ClusterImage image) {
    var brokers = new HashMap<Integer, BrokerRegistration>();
    for (var node : image.nodes()) {
      brokers.put(
          node.id(),
          BrokerRegistration.fromRecord(
              new RegisterBrokerRecord()
                  .setBrokerId(node.id())
                  .setRack(node.rack())
                  .setFenced(false)));
    }
    return brokers;
  }

  /** Topics under one of their keys. */
  private static final class View<K, V> extends AbstractMap<K, V> implements ImmutableMap<K, V> {

    private final ClusterImage image;
    private final Function<@Nullable Object, @Nullable TopicImage> find;
    private final Function<TopicImage, K> keyOf;
    private final Function<TopicImage, V> translation;

    View(
        ClusterImage image,
        Function<@Nullable Object, @Nullable TopicImage> find,
        Function<TopicImage, K> keyOf,
        Function<TopicImage, V> translation) {
      this.image = image;
      this.find = find;
      this.keyOf = keyOf;
      this.translation = translation;
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
      return Optional.ofNullable(find.apply(key)).map(translation).orElse(null);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return find.apply(key) != null;
    }

    @Override
    public int size() {
      return image.topics().size();
    }

    @Override
    public Set<K> keySet() {
      return new MappedSet<>(image, keyOf, this::containsKey);
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
      return new MappedSet<>(
          image,
          topic -> Map.entry(keyOf.apply(topic), translation.apply(topic)),
          entry -> entry instanceof Entry<?, ?> wanted && containsKey(wanted.getKey()));
    }

    @Override
    public ImmutableMap<K, V> updated(K key, V value) {
      throw new UnsupportedOperationException("a cluster image does not change");
    }

    @Override
    public ImmutableMap<K, V> removed(K key) {
      throw new UnsupportedOperationException("a cluster image does not change");
    }
  }

  private static final class MappedSet<E> extends AbstractSet<E> {

    private final ClusterImage image;
    private final Function<TopicImage, E> mapping;
    private final Function<@Nullable Object, Boolean> contains;

    MappedSet(
        ClusterImage image,
        Function<TopicImage, E> mapping,
        Function<@Nullable Object, Boolean> contains) {
      this.image = image;
      this.mapping = mapping;
      this.contains = contains;
    }

    @Override
    public Iterator<E> iterator() {
      return image.topics().stream().map(mapping).iterator();
    }

    @Override
    public boolean contains(@Nullable Object element) {
      return contains.apply(element);
    }

    @Override
    public int size() {
      return image.topics().size();
    }
  }

  /** {@code count} partitions that look all the same. */
  private static final class SamePartitions extends AbstractMap<Integer, PartitionRegistration> {

    private final int count;
    private final PartitionRegistration partition;

    SamePartitions(int count, PartitionRegistration partition) {
      this.count = count;
      this.partition = partition;
    }

    @Override
    public @Nullable PartitionRegistration get(@Nullable Object key) {
      return containsKey(key) ? partition : null;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return key instanceof Integer index && index >= 0 && index < count;
    }

    @Override
    public int size() {
      return count;
    }

    @Override
    public Set<Entry<Integer, PartitionRegistration>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Entry<Integer, PartitionRegistration>> iterator() {
          return IntStream.range(0, count)
              .mapToObj(index -> Map.entry(index, partition))
              .iterator();
        }

        @Override
        public int size() {
          return count;
        }
      };
    }
  }
}
