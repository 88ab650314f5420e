package io.tidelog.cold.store.folder;

import io.tidelog.cold.store.ObjectContent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the files of objects and syncs them: with direct I/O where the file system has it, else
 * through the page cache. Which of the two is found out once, by a file that is written and deleted
 * again; an error later on is an error and changes nothing. Immutable, safe to share.
 *
 * <p>An object is a copy that is rarely read soon. Past the page cache, writing it costs no copying
 * and does not drive out the recent segments that consumers read. In exchange the first cold read
 * of an object always comes from the disk.
 */
final class ObjectFileWriter {

  private static final Logger LOG = LoggerFactory.getLogger(ObjectFileWriter.class);

  /** Of one write; a multiple of every block size that is used directly. */
  static final int BUFFER_BYTES = 1 << 20;

  /**
   * Opens a file as {@link FileChannel#open(Path, Set, java.nio.file.attribute.FileAttribute[])}.
   */
  @FunctionalInterface
  interface Opening {
    FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException;
  }

  /**
   * By name: the compiler takes the class for internal, though the JDK exports and documents it.
   */
  private static final String EXTENDED_OPTIONS = "com.sun.nio.file.ExtendedOpenOption";

  static final String DIRECT = "DIRECT";

  private static final Set<OpenOption> ORDINARY = Set.of(StandardOpenOption.WRITE);

  private final Opening opening;
  private final Set<OpenOption> options;

  /** What is written at once is a multiple of it, and so is its address. */
  private final int blockBytes;

  private ObjectFileWriter(Opening opening, Set<OpenOption> options, int blockBytes) {
    this.opening = opening;
    this.options = options;
    this.blockBytes = blockBytes;
  }

  /**
   * Finds out how files in this folder can be written.
   *
   * @throws IOException when no file can be created or deleted there
   */
  static ObjectFileWriter probe(Path folder, Opening opening) throws IOException {
    Path probe = Files.createTempFile(folder, "probe", "");
    try {
      return direct(probe, opening);
    } catch (IOException | UnsupportedOperationException e) {
      // Whatever it is that fails, ordinary writes are right as well, and tell what they fail of.
      LOG.info(
          "objects are written through the page cache, folder={} reason={}", folder, e.toString());
      return new ObjectFileWriter(opening, ORDINARY, 1);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static ObjectFileWriter direct(Path probe, Opening opening) throws IOException {
    long blockBytes = Files.getFileStore(probe).getBlockSize();
    if (blockBytes < 1 || blockBytes > BUFFER_BYTES || Long.bitCount(blockBytes) != 1) {
      throw new UnsupportedOperationException("blocks of " + blockBytes + " bytes");
    }
    var options = Set.of(StandardOpenOption.WRITE, directOption());
    var writer = new ObjectFileWriter(opening, options, (int) blockBytes);
    writer.write(probe, ObjectContent.of(ByteBuffer.allocate(1)));
    return writer;
  }

  private static OpenOption directOption() {
    try {
      for (Object option : Class.forName(EXTENDED_OPTIONS).getEnumConstants()) {
        if (option instanceof OpenOption direct && direct.toString().equals(DIRECT)) {
          return direct;
        }
      }
    } catch (ClassNotFoundException e) {
      throw new UnsupportedOperationException("a JDK without " + EXTENDED_OPTIONS, e);
    }
    throw new UnsupportedOperationException("a JDK without " + DIRECT);
  }

  /** Fills an empty file with the object and makes its bytes durable. Blocks. */
  void write(Path file, ObjectContent content) throws IOException {
    long size = content.sizeBytes();
    // Freed at the end and not by the collector, which does not see how large it is.
    try (var arena = Arena.ofConfined();
        var channel = opening.open(file, options)) {
      var buffer = arena.allocate(bufferBytes(size), blockBytes).asByteBuffer();
      for (long position = 0; position < size; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), size - position));
        content.read(position, buffer);
        position += buffer.position();
        buffer.limit(wholeBlocks(buffer.position())).position(0);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
      // The last block may have been written longer than the object.
      channel.truncate(size);
      channel.force(false);
    }
  }

  private int bufferBytes(long objectBytes) {
    return wholeBlocks((int) Math.min(BUFFER_BYTES, Math.max(1, objectBytes)));
  }

  private int wholeBlocks(int bytes) {
    return (bytes + blockBytes - 1) & -blockBytes;
  }
}
