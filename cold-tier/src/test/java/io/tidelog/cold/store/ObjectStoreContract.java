package io.tidelog.cold.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.cold.store.ObjectStore.PutOutcome;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every object store does; a store is finished when it passes. */
abstract class ObjectStoreContract {

  private ObjectStore store;

  /** An empty store, or one nobody else uses the keys below this test's prefix of. */
  abstract ObjectStore open() throws Exception;

  /** What this test's keys begin with; differs between tests that share a bucket. */
  String prefix() {
    return "contract/";
  }

  /** Just above the size from which a store uploads in parts. */
  int largeObjectBytes() {
    return 3 * 1024 * 1024;
  }

  /** More than a store lists or deletes in one request. */
  int manyObjects() {
    return 1_010;
  }

  /** Whether of many who create one object at once exactly one is told that it did. */
  boolean hasOneWinner() {
    return true;
  }

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void anObjectIsReadBackAsItWasWritten() {
    byte[] bytes = randomBytes(10_000, 1);
    assertThat(create("a/b.tl0", bytes)).isEqualTo(PutOutcome.CREATED);
    assertThat(get("a/b.tl0", 0, bytes.length)).isEqualTo(bytes);
    var stored = store.head(key("a/b.tl0"));
    assertThat(stored.key()).isEqualTo(key("a/b.tl0"));
    assertThat(stored.sizeBytes()).isEqualTo(bytes.length);
    assertThat(stored.lastModifiedMs()).isPositive();
  }

  @Test
  void anEmptyObjectIsAnObject() {
    assertThat(create("empty", new byte[0])).isEqualTo(PutOutcome.CREATED);
    assertThat(store.head(key("empty")).sizeBytes()).isZero();
    assertThat(create("empty", new byte[1])).isEqualTo(PutOutcome.ALREADY_EXISTS);
  }

  @Test
  void aLargeObjectIsReadBackAsItWasWritten() {
    byte[] bytes = randomBytes(largeObjectBytes(), 2);
    assertThat(create("large", bytes)).isEqualTo(PutOutcome.CREATED);
    assertThat(get("large", 0, bytes.length)).isEqualTo(bytes);
    assertThat(create("large", randomBytes(largeObjectBytes(), 3)))
        .isEqualTo(PutOutcome.ALREADY_EXISTS);
    assertThat(get("large", 0, bytes.length)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void anyRangeIsReadIntoAnyBuffer(long seed) {
    var random = new SplittableRandom(seed);
    byte[] bytes = randomBytes(100_000, seed);
    create("ranges", bytes);
    for (int i = 0; i < 20; i++) {
      int from = random.nextInt(bytes.length);
      int size = random.nextInt(bytes.length - from) + 1;
      int before = random.nextInt(10);
      var into =
          random.nextBoolean()
              ? ByteBuffer.allocate(before + size + 5)
              : ByteBuffer.allocateDirect(before + size + 5);
      into.position(before).limit(before + size);
      assertThat(store.get(key("ranges"), from, into)).isTrue();
      assertThat(into.remaining()).isZero();
      var expected = ByteBuffer.wrap(bytes, from, size);
      assertThat(into.flip().position(before)).as("seed %s", seed).isEqualTo(expected);
    }
  }

  @Test
  void aRangeBehindTheEndIsNeverHalfAnAnswer() {
    create("short", randomBytes(100, 7));
    assertThatThrownBy(() -> get("short", 50, 51)).isInstanceOf(Fault.Broken.class);
    assertThatThrownBy(() -> get("short", 200, 1)).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void whatIsNotThereIsNoFault() {
    assertThat(store.head(key("nothing"))).isNull();
    assertThat(store.get(key("nothing"), 0, ByteBuffer.allocate(1))).isFalse();
    store.delete(List.of(key("nothing")));
  }

  @Test
  void theFirstToCreateAnObjectWinsAndTheSecondChangesNothing() {
    byte[] first = randomBytes(1_000, 8);
    assertThat(create("once", first)).isEqualTo(PutOutcome.CREATED);
    assertThat(create("once", randomBytes(1_000, 9))).isEqualTo(PutOutcome.ALREADY_EXISTS);
    assertThat(get("once", 0, 1_000)).isEqualTo(first);
  }

  @Test
  void ofManyWhoCreateOneObjectAtOnceOneWins() throws Exception {
    var outcomes = new ArrayList<PutOutcome>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Callable<PutOutcome>>();
      for (int i = 0; i < 16; i++) {
        byte[] bytes = randomBytes(2_000, i);
        tasks.add(() -> create("race", bytes));
      }
      for (var result : threads.invokeAll(tasks)) {
        outcomes.add(result.get());
      }
    }
    if (hasOneWinner()) {
      assertThat(Collections.frequency(outcomes, PutOutcome.CREATED)).isEqualTo(1);
    } else {
      assertThat(outcomes).contains(PutOutcome.CREATED);
    }
  }

  @Test
  void deletedObjectsAreGoneAndMayBeCreatedAgain() {
    create("d/1", new byte[1]);
    create("d/2", new byte[1]);
    create("d/3", new byte[1]);
    store.delete(List.of(key("d/1"), key("d/3"), key("d/4")));
    assertThat(keys("d/", "", 10)).containsExactly(key("d/2"));
    assertThat(create("d/1", new byte[2])).isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void nothingToDeleteIsNothingDone() {
    store.delete(List.of());
  }

  @Test
  void aListingIsInTheOrderOfKeysPageByPage() {
    var all =
        new ArrayList<>(
            List.of("l/a", "l/a-b/x", "l/a.b", "l/a0", "l/b/c/d", "l/b/c/e", "l/b/d", "l/z", "m"));
    Collections.shuffle(all, new java.util.Random(3));
    all.forEach(key -> create(key, new byte[3]));
    all.remove("m");
    var expected = all.stream().map(this::key).sorted().toList();
    for (int pageSize : new int[] {1, 2, 3, 100}) {
      assertThat(keys("l/", "", pageSize)).isEqualTo(expected);
    }
    assertThat(keys("l/b", "", 2)).isEqualTo(expected.subList(4, 7));
    assertThat(keys("l/", key("l/a0"), 2)).isEqualTo(expected.subList(4, 8));
    assertThat(keys("l/", key("l/b/c"), 2)).isEqualTo(expected.subList(4, 8));
    assertThat(keys("nothing/", "", 2)).isEmpty();
  }

  @Test
  void manyObjectsAreListedAndDeletedInOneCall() {
    var keys = new ArrayList<String>();
    for (int i = 0; i < manyObjects(); i++) {
      keys.add(key("many/%04d".formatted(i)));
    }
    keys.forEach(key -> store.create(key, ObjectContent.of(ByteBuffer.allocate(1))));
    assertThat(keys("many/", "", 1_000)).isEqualTo(keys);
    store.delete(keys);
    assertThat(keys("many/", "", 1_000)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".a", "a\\b", "a b", "a\n", "ä"
      })
  void aKeyThatMeansSomethingElseElsewhereIsRefused(String key) {
    var content = ObjectContent.of(ByteBuffer.allocate(1));
    assertThatThrownBy(() -> store.create(key, content)).isInstanceOf(Fault.Refused.class);
    assertThatThrownBy(() -> store.get(key, 0, ByteBuffer.allocate(1)))
        .isInstanceOf(Fault.Refused.class);
    assertThatThrownBy(() -> store.head(key)).isInstanceOf(Fault.Refused.class);
    assertThatThrownBy(() -> store.delete(List.of(key))).isInstanceOf(Fault.Refused.class);
  }

  @Test
  void contentThatCannotBeReadLeavesNoObject() {
    var content =
        new ObjectContent() {
          @Override
          public long sizeBytes() {
            return 1_000_000;
          }

          @Override
          public void read(long position, ByteBuffer into) throws IOException {
            throw new IOException("planned");
          }
        };
    assertThatThrownBy(() -> store.create(key("unreadable"), content)).isInstanceOf(Fault.class);
    assertThat(store.head(key("unreadable"))).isNull();
  }

  private PutOutcome create(String name, byte[] bytes) {
    return store.create(key(name), ObjectContent.of(ByteBuffer.wrap(bytes)));
  }

  private byte[] get(String name, long position, int size) {
    var into = ByteBuffer.allocate(size);
    assertThat(store.get(key(name), position, into)).isTrue();
    return Arrays.copyOf(into.array(), size);
  }

  private List<String> keys(String prefix, String startAfter, int pageSize) {
    var keys = new ArrayList<String>();
    var page = store.list(key(prefix), startAfter, pageSize);
    page.objects().forEach(object -> keys.add(object.key()));
    while (page.hasMore()) {
      page = store.list(key(prefix), keys.getLast(), pageSize);
      page.objects().forEach(object -> keys.add(object.key()));
    }
    return keys;
  }

  private String key(String name) {
    return prefix() + name;
  }

  private static byte[] randomBytes(int size, long seed) {
    var bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }
}
