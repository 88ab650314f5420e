package io.tidelog.cold.store;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps immutable objects by key. An object appears whole or not at all, and is durable when {@link
 * #create} returns. Safe to call from any thread that may block.
 *
 * <p>Every method fails with a {@link io.tidelog.core.Fault}: {@code Retriable} when nothing
 * happened and a later call may succeed, {@code Uncertain} when it may have happened (a time-out, a
 * lost answer), {@code Refused} when the store or the caller is set up wrongly (no such bucket,
 * wrong secret, illegal key), {@code Broken} when what is stored is not what it should be.
 *
 * <p>Keys are as {@link ObjectKeys} allows.
 */
public interface ObjectStore extends AutoCloseable {

  /** How {@link #create} ended. */
  enum PutOutcome {
    CREATED,
    /** Somebody else's object is there and unchanged; compare before concluding anything. */
    ALREADY_EXISTS
  }

  /** Writes an object unless there is one; borrows {@code content} and may read it repeatedly. */
  PutOutcome create(String key, ObjectContent content);

  /**
   * Fills {@code into} from its position to its limit with the object's bytes from {@code position}
   * on; borrows it. What is in it is undefined after a fault.
   *
   * @return false when there is no such object
   * @throws io.tidelog.core.Fault.Broken when the object ends before the buffer is full
   */
  boolean get(String key, long position, ByteBuffer into);

  /** The object without its bytes, or null when there is none. */
  @Nullable StoredObject head(String key);

  /**
   * Lists in the order of keys as bytes.
   *
   * @param prefix of the keys wanted, may end anywhere in a key
   * @param startAfter an exclusive start, empty for all
   * @param maxObjects how many at most, at least 1; a page may be shorter and not be the last
   */
  ObjectPage list(String prefix, String startAfter, int maxObjects);

  /** Deletes what is there; a key without an object is passed over. Any number of keys. */
  void delete(List<String> keys);

  /**
   * Gives up what uploads left behind that were begun and never ended: it takes room, and {@link
   * #list} does not show it. A store that has nothing of the kind does nothing.
   *
   * @param prefix of the keys that were to be written
   * @param begunBeforeMs by the store's own clock, since the Unix epoch; before it no upload that
   *     still runs was begun
   */
  void abandonUploads(String prefix, long begunBeforeMs);

  @Override
  void close();
}
