package io.tidelog.cold.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.cold.store.folder.FolderObjectStore;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderObjectStoreTest extends ObjectStoreContract {

  @TempDir Path folder;

  @Override
  ObjectStore open() {
    return FolderObjectStore.open(folder.resolve("objects"));
  }

  @Override
  int manyObjects() {
    return 30; // each is synced to the disk
  }

  @Test
  void objectsAreThereAfterTheStoreIsOpenedAgain() {
    try (var store = open()) {
      store.create("a/b", ObjectContent.of(ByteBuffer.wrap(new byte[] {1, 2, 3})));
    }
    try (var store = open()) {
      var into = ByteBuffer.allocate(2);
      assertThat(store.get("a/b", 1, into)).isTrue();
      assertThat(into.array()).containsExactly(2, 3);
    }
  }

  @Test
  void whatACrashLeftGoesWhenItIsOldAndNobodysUploadIsTouched() throws IOException {
    open().close();
    Path old = Files.createFile(folder.resolve("objects/.incoming/old"));
    Path recent = Files.createFile(folder.resolve("objects/.incoming/recent"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH));
    try (var store = open()) {
      assertThat(old).doesNotExist();
      assertThat(recent).exists();
      assertThat(store.list("", "", 10).objects()).isEmpty();
    }
  }

  @Test
  void uploadsThatNobodyEndedAreAbandonedOnceTheyAreOldEnough() throws IOException {
    try (var store = open()) {
      Path left = Files.createFile(folder.resolve("objects/.incoming/put1.tmp"));
      Files.setLastModifiedTime(left, FileTime.fromMillis(5_000));
      store.abandonUploads("any/", 5_000);
      assertThat(left).exists();
      store.abandonUploads("any/", 5_001);
      assertThat(left).doesNotExist();
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsRefusedAtOnce() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> FolderObjectStore.open(file.resolve("objects")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("hard links");
  }

  @Test
  void noTemporaryFileIsLeftBehind() throws IOException {
    try (var store = open()) {
      store.create("a", ObjectContent.of(ByteBuffer.allocate(10)));
      store.create("a", ObjectContent.of(ByteBuffer.allocate(10)));
    }
    try (var left = Files.list(folder.resolve("objects/.incoming"))) {
      assertThat(left).isEmpty();
    }
  }
}
