package io.tidelog.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.coordinator.common.runtime.KRaftCoordinatorMetadataDelta;
import org.apache.kafka.coordinator.common.runtime.KRaftCoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageTranslatorTest {

  private record Told(KRaftCoordinatorMetadataDelta delta, KRaftCoordinatorMetadataImage image) {}

  private final List<Told> told = new ArrayList<>();
  private final List<Runnable> timers = new ArrayList<>();
  private long nowNs;
  private final FakeLog log = new FakeLog();
  private final FakeCluster cluster = new FakeCluster(log);
  private final ImageTranslator translator =
      new ImageTranslator(listening(), new StoppedLane(), clock());

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void whatCoordinatorsAskOfTopicsIsReadFromTheClusterImage() {
    var orders = cluster.create("orders", 10_000);
    tell();

    var image = told.getLast().image();
    assertThat(image.topicNames()).containsExactly("orders");
    assertThat(image.topicIds()).containsExactly(TestGroups.uuid(orders));
    var topic = image.topicMetadata("orders").orElseThrow();
    assertThat(topic.id()).isEqualTo(TestGroups.uuid(orders));
    assertThat(topic.partitionCount()).isEqualTo(10_000);
    assertThat(topic.partitionRacks(9_999)).containsExactly("rack-a");
    assertThat(topic.partitionRacks(10_000)).isEmpty();
    assertThat(image.topicMetadata("nobody")).isEmpty();
    assertThat(image.topicMetadata(TestGroups.uuid(orders))).isPresent();
    assertThat(image.version()).isEqualTo(cluster.current().revision());
  }

  @Test
  void changesNameTopicsThatAppearedGrewAndWent() {
    var kept = cluster.create("kept", 1);
    var grown = cluster.create("grown", 1);
    var gone = cluster.create("gone", 1);
    tell();
    assertThat(told.getLast().delta().changedTopicIds()).isEmpty();

    cluster.grow("grown", 2);
    TestGroups.get(cluster.delete(gone.id()).toCompletableFuture());
    var made = cluster.create("made", 3);
    tell();

    var delta = told.getLast().delta();
    assertThat(delta.createdTopicIds()).containsExactly(TestGroups.uuid(made));
    assertThat(delta.changedTopicIds())
        .containsExactlyInAnyOrder(TestGroups.uuid(grown), TestGroups.uuid(made))
        .doesNotContain(TestGroups.uuid(kept));
    assertThat(delta.deletedTopicIds()).containsExactly(TestGroups.uuid(gone));
    assertThat(delta.image().topicNames()).contains("gone");
  }

  @Test
  void picturesThatComeFastAreSkippedButForTheNewest() {
    tell();
    for (int i = 0; i < 100; i++) {
      cluster.create("topic-" + i, 1);
      translator.onImage(cluster.current());
    }
    assertThat(told).hasSize(1);
    assertThat(timers).hasSize(1);

    timers.getFirst().run();

    assertThat(told).hasSize(2);
    assertThat(told.getLast().delta().createdTopicIds()).hasSize(100);
  }

  @Test
  void nothingIsToldAfterTheStop() {
    tell();
    cluster.create("orders", 1);
    translator.onImage(cluster.current());
    translator.stop();
    timers.getFirst().run();

    assertThat(told).hasSize(1);
  }

  private void tell() {
    nowNs += TimeUnit.MILLISECONDS.toNanos(ImageTranslator.INTERVAL_MS);
    translator.onImage(cluster.current());
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public long wallMs() {
        return 0;
      }

      @Override
      public long monotonicNs() {
        return nowNs;
      }
    };
  }

  private GroupCoordinator listening() {
    return (GroupCoordinator)
        Proxy.newProxyInstance(
            GroupCoordinator.class.getClassLoader(),
            new Class<?>[] {GroupCoordinator.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("onMetadataUpdate");
              told.add(
                  new Told(
                      new KRaftCoordinatorMetadataDelta((MetadataDelta) arguments[0]),
                      new KRaftCoordinatorMetadataImage((MetadataImage) arguments[1])));
              return null;
            });
  }

  private final class StoppedLane implements Lane {
    @Override
    public void execute(Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Runnable executeAt(long deadlineNs, Runnable task) {
      timers.add(task);
      return () -> timers.remove(task);
    }
  }
}
