package io.tidelog.cold.store;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** Keeps objects on the heap, for tests and the simulator; as strict as a real store. */
public final class InMemoryObjectStore implements ObjectStore {

  private record Entry(ByteBuffer bytes, long lastModifiedMs) {}

  private final ConcurrentSkipListMap<String, Entry> objects = new ConcurrentSkipListMap<>();
  private final Clock clock;

  public InMemoryObjectStore(Clock clock) {
    this.clock = clock;
  }

  @Override
  public PutOutcome create(String key, ObjectContent content) {
    ObjectKeys.checkKey(key);
    var bytes = ByteBuffer.allocate(Math.toIntExact(content.sizeBytes()));
    try {
      content.read(0, bytes);
    } catch (IOException e) {
      throw new Fault.Retriable("the content of " + key + " cannot be read", e);
    }
    var entry = new Entry(bytes.flip().asReadOnlyBuffer(), clock.wallMs());
    return objects.putIfAbsent(key, entry) == null ? PutOutcome.CREATED : PutOutcome.ALREADY_EXISTS;
  }

  @Override
  public boolean get(String key, long position, ByteBuffer into) {
    var entry = objects.get(ObjectKeys.checkKey(key));
    if (entry == null) {
      return false;
    }
    if (position + into.remaining() > entry.bytes().limit()) {
      throw new Fault.Broken("object " + key + " ends before " + (position + into.remaining()));
    }
    into.put(entry.bytes().slice((int) position, into.remaining()));
    return true;
  }

  @Override
  public @Nullable StoredObject head(String key) {
    var entry = objects.get(ObjectKeys.checkKey(key));
    return entry == null ? null : stored(key, entry);
  }

  @Override
  public ObjectPage list(String prefix, String startAfter, int maxObjects) {
    ObjectKeys.checkPrefix(prefix);
    var page = new ArrayList<StoredObject>();
    String from = startAfter.compareTo(prefix) < 0 ? prefix : startAfter;
    boolean inclusive = !from.equals(startAfter) || startAfter.isEmpty();
    for (var object : objects.tailMap(from, inclusive).entrySet()) {
      if (!object.getKey().startsWith(prefix)) {
        break;
      }
      if (page.size() == maxObjects) {
        return new ObjectPage(page, true);
      }
      page.add(stored(object.getKey(), object.getValue()));
    }
    return new ObjectPage(page, false);
  }

  @Override
  public void delete(List<String> keys) {
    keys.forEach(key -> objects.remove(ObjectKeys.checkKey(key)));
  }

  @Override
  public void abandonUploads(String prefix, long begunBeforeMs) {
    ObjectKeys.checkPrefix(prefix);
  }

  @Override
  public void close() {}

  private static StoredObject stored(String key, Entry entry) {
    return new StoredObject(key, entry.bytes().limit(), entry.lastModifiedMs());
  }
}
