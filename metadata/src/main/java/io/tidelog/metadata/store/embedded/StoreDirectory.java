package io.tidelog.metadata.store.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The folder of one store, with exactly the promises of a file system that durability may be built
 * on, so that a test can take away everything else.
 */
interface StoreDirectory extends AutoCloseable {

  List<String> names() throws IOException;

  /** The whole content of a file. */
  byte[] read(String name) throws IOException;

  /** Opens a file for appending, created if absent, cut to {@code sizeBytes}. */
  AppendFile append(String name, long sizeBytes) throws IOException;

  /** Replaces {@code to} at once; durable after {@link #force}. */
  void rename(String from, String to) throws IOException;

  /** Deletes a file; one that is gone is passed over. Durable after {@link #force}. */
  void delete(String name) throws IOException;

  /** Makes creations, renames and deletions durable. */
  void force() throws IOException;

  /** Gives up the folder's lock; may be called twice. */
  @Override
  void close() throws IOException;

  /** A file that grows at its end. */
  interface AppendFile extends AutoCloseable {

    /** Writes everything between position and limit; borrows the buffer. */
    void write(ByteBuffer bytes) throws IOException;

    /** Takes back what was written behind {@code sizeBytes}, durably. A failure is final. */
    void cut(long sizeBytes) throws IOException;

    /** Makes everything written, and the length, durable. A failure is final. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }
}
