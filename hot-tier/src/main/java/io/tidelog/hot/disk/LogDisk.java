package io.tidelog.hot.disk;

import java.io.IOException;
import java.util.List;

/**
 * The folder of one segment log. Names are plain file names. What was done here survives a crash
 * only after {@link #syncDirectory} (names) and {@link DiskFile#sync} (contents); without them any
 * part of it may.
 *
 * <p>Calls may come from any thread; each fails with an {@link IOException}, {@link
 * NoSpaceException} when the disk is full.
 */
public interface LogDisk extends AutoCloseable {

  /** Names of the files, sorted. */
  List<String> list() throws IOException;

  /** Opens an existing file for reading and writing; the caller closes it. */
  DiskFile open(String name) throws IOException;

  /** Creates an empty file, which must not exist, and opens it; the caller closes it. */
  DiskFile create(String name) throws IOException;

  /** Gives a file another name and replaces what had that name; open files stay usable. */
  void rename(String from, String to) throws IOException;

  /** Deletes a file if it exists; open files stay readable until closed. */
  void delete(String name) throws IOException;

  /** Makes creations, renames and deletions so far durable. */
  void syncDirectory() throws IOException;

  /** Bytes that may still be written, as far as the file system can tell. */
  long usableBytes() throws IOException;

  /** Where it is, for messages. */
  String describe();

  /** Gives up the folder; another process may take it. May be called twice. */
  @Override
  void close() throws IOException;
}
