package io.tidelog.cold.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectStore.PutOutcome;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which names a power loss leaves, when a sync of a folder fails. */
class FolderSyncTest {

  private static final String KEY = "cluster/log/object";

  @TempDir Path folder;

  /** Everything that is under its name after a loss of power. */
  private final Set<Path> durable = new HashSet<>();

  private Path failing;
  private Path objects;
  private FolderObjectStore store;

  @BeforeEach
  void open() throws IOException {
    objects = folder.toRealPath().resolve("new/objects");
    store = FolderObjectStore.open(objects, new FolderSync(this::force), FileChannel::open);
  }

  private void force(Path synced) throws IOException {
    if (synced.equals(failing)) {
      failing = null;
      throw new IOException("planned");
    }
    try (var names = Files.list(synced)) {
      durable.addAll(names.collect(Collectors.toSet()));
    }
  }

  private PutOutcome create() {
    return store.create(KEY, ObjectContent.of(ByteBuffer.allocate(10)));
  }

  private void everyNameIsDurable() {
    for (var path = objects.resolve(KEY); !path.equals(folder); path = path.getParent()) {
      assertThat(durable).contains(path);
    }
  }

  @Test
  void aCreatedObjectIsThereUnderEveryNameAboveIt() {
    assertThat(create()).isEqualTo(PutOutcome.CREATED);
    everyNameIsDurable();
  }

  @Test
  void anObjectWhoseNameWasNotSyncedIsSyncedBeforeItIsSaidToExist() {
    create();
    durable.remove(objects.resolve(KEY));
    failing = objects.resolve("cluster/log");
    assertThatThrownBy(this::create).isInstanceOf(Fault.Uncertain.class);
    assertThat(create()).isEqualTo(PutOutcome.ALREADY_EXISTS);
    everyNameIsDurable();
  }

  @Test
  void aFolderWhoseNameWasNotSyncedIsSyncedByTheNextTry() {
    failing = objects;
    assertThatThrownBy(this::create).isInstanceOf(Fault.Retriable.class);
    assertThat(create()).isEqualTo(PutOutcome.CREATED);
    everyNameIsDurable();
  }

  @Test
  void aFolderThatAnEarlierProcessMadeIsSyncedToo() {
    failing = objects.resolve("cluster");
    assertThatThrownBy(this::create).isInstanceOf(Fault.Retriable.class);
    durable.clear();
    store = FolderObjectStore.open(objects, new FolderSync(this::force), FileChannel::open);
    assertThat(create()).isEqualTo(PutOutcome.CREATED);
    assertThat(durable).contains(objects.resolve("cluster"), objects.resolve("cluster/log"));
  }
}
