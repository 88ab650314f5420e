package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a log: {@code <lsn>.ckpt} files of opaque content, each whole and checksummed
 * or not there. Blocking; written by one thread at a time.
 */
public final class CheckpointFiles {

  /** Older ones are deleted; the one before the newest serves if that one is damaged. */
  public static final int KEPT = 2;

  /** Content of one checkpoint; more is refused. */
  public static final int MAX_CONTENT_BYTES = 1 << 30;

  /** {@code TDC1}. */
  private static final int MAGIC = 0x54444331;

  private static final int HEADER_BYTES = 56;
  private static final int CRC_POSITION = 4;
  private static final int LOG_POSITION = 8;
  private static final int LSN_POSITION = 24;
  private static final int COMMIT_POSITION = 32;
  private static final int SIZE_POSITION = 40;
  private static final int CONTENT_CRC_POSITION = 48;

  private final LogDisk disk;
  private final LogId log;

  /**
   * @param lsn the content is the state before the frame at this LSN
   * @param commitLsn the highest commit LSN known when it was written, at least {@code lsn}
   * @param content from position to limit; given to the receiver
   */
  public record Checkpoint(long lsn, long commitLsn, ByteBuffer content) {

    public ReplayStart replayStart() {
      return new ReplayStart(lsn, commitLsn);
    }
  }

  /** Writes the content of a checkpoint piece by piece. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Sink sink) throws IOException;
  }

  /** Takes pieces of content in order; borrows each. */
  @FunctionalInterface
  public interface Sink {
    void write(ByteBuffer piece) throws IOException;
  }

  public CheckpointFiles(LogDisk disk, LogId log) {
    this.disk = disk;
    this.log = log;
  }

  /** Writes a checkpoint, durably, and then deletes those that are one too many. */
  public void write(ReplayStart at, Content content) throws IOException {
    var name = SegmentNames.of(at.lsn(), SegmentNames.CHECKPOINT);
    var temp = name + SegmentNames.TEMP;
    disk.delete(temp);
    boolean whole = false;
    try (var file = disk.create(temp)) {
      var sink = new FileSink(file);
      content.writeTo(sink);
      file.write(header(at, sink.sizeBytes, (int) sink.crc.getValue()), 0);
      file.sync();
      whole = true;
    } finally {
      if (!whole) {
        disk.delete(temp); // a full disk needs its space
      }
    }
    disk.rename(temp, name);
    disk.syncDirectory();
    var lsns = SegmentNames.lsns(disk.list(), SegmentNames.CHECKPOINT);
    for (long old : lsns.subList(0, Math.max(0, lsns.size() - KEPT))) {
      disk.delete(SegmentNames.of(old, SegmentNames.CHECKPOINT));
    }
  }

  private ByteBuffer header(ReplayStart at, long sizeBytes, int contentCrc) {
    var header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(MAGIC).putInt(0);
    header.putLong(log.uuid().getMostSignificantBits());
    header.putLong(log.uuid().getLeastSignificantBits());
    header.putLong(at.lsn()).putLong(at.commitLsn());
    header.putLong(sizeBytes).putInt(contentCrc).putInt(0);
    header.flip();
    return header.putInt(CRC_POSITION, headerCrc(header));
  }

  private static int headerCrc(ByteBuffer header) {
    var crc = new CRC32C();
    crc.update(header.duplicate().limit(HEADER_BYTES).position(LOG_POSITION));
    return (int) crc.getValue();
  }

  /**
   * Reads the newest sound checkpoint, or null when there is none and the log is to be replayed
   * from its beginning.
   *
   * @throws Fault.Broken when there are some, none is sound, and the log does not reach back far
   *     enough to do without
   */
  public @Nullable Checkpoint readNewest() throws IOException {
    List<Long> lsns = SegmentNames.lsns(disk.list(), SegmentNames.CHECKPOINT);
    for (long lsn : lsns.reversed()) {
      try (var file = disk.open(SegmentNames.of(lsn, SegmentNames.CHECKPOINT))) {
        var checkpoint = read(file, lsn);
        if (checkpoint != null) {
          return checkpoint;
        }
      }
    }
    if (!lsns.isEmpty() && !disk.list().contains(SegmentNames.of(0, SegmentNames.SEGMENT))) {
      throw new Fault.Broken("no checkpoint is sound, folder=" + disk.describe());
    }
    return null;
  }

  /** The newest sound one as the bytes of its file, or null when there is none. */
  public @Nullable CheckpointCopy readNewestFile() throws IOException {
    for (long lsn : SegmentNames.lsns(disk.list(), SegmentNames.CHECKPOINT).reversed()) {
      try (var file = disk.open(SegmentNames.of(lsn, SegmentNames.CHECKPOINT))) {
        if (read(file, lsn) != null) {
          var bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
          file.read(bytes, 0);
          return new CheckpointCopy(lsn, lsn, bytes.flip());
        }
      }
    }
    return null;
  }

  /**
   * Writes a copy of a checkpoint file, durably, under a name that means nothing yet.
   *
   * @return that name
   * @throws Fault.Broken when it is not this log's, or was damaged on its way
   */
  String writeCopy(CheckpointCopy copy) throws IOException {
    var temp = SegmentNames.of(copy.lsn(), SegmentNames.CHECKPOINT) + SegmentNames.TEMP;
    disk.delete(temp);
    boolean isSound = false;
    try (var file = disk.create(temp)) {
      file.write(copy.file().duplicate(), 0);
      file.sync();
      isSound = read(file, copy.lsn()) != null;
    } finally {
      if (!isSound) {
        disk.delete(temp);
      }
    }
    if (!isSound) {
      throw new Fault.Broken("a copied checkpoint is unsound, log=" + log + " lsn=" + copy.lsn());
    }
    return temp;
  }

  private @Nullable Checkpoint read(DiskFile file, long lsn) throws IOException {
    var header = ByteBuffer.allocate(HEADER_BYTES);
    if (file.read(header, 0) < HEADER_BYTES
        || header.getInt(0) != MAGIC
        || header.getInt(CRC_POSITION) != headerCrc(header)
        || header.getLong(LOG_POSITION) != log.uuid().getMostSignificantBits()
        || header.getLong(LOG_POSITION + 8) != log.uuid().getLeastSignificantBits()
        || header.getLong(LSN_POSITION) != lsn) {
      return null;
    }
    long size = header.getLong(SIZE_POSITION);
    if (size < 0 || size > MAX_CONTENT_BYTES || file.size() != HEADER_BYTES + size) {
      return null;
    }
    var content = ByteBuffer.allocate((int) size);
    file.read(content, HEADER_BYTES);
    content.flip();
    var crc = new CRC32C();
    crc.update(content.duplicate());
    return (int) crc.getValue() == header.getInt(CONTENT_CRC_POSITION)
        ? new Checkpoint(lsn, header.getLong(COMMIT_POSITION), content)
        : null;
  }

  /**
   * Deletes checkpoints that turned out to be unsound, lest they count as ones to fall back to.
   *
   * @param soundLsn of the newest sound one, 0 when there is none
   * @return the names of those deleted
   */
  public List<String> deleteUnsound(long soundLsn) throws IOException {
    var names =
        SegmentNames.lsns(disk.list(), SegmentNames.CHECKPOINT).stream()
            .filter(lsn -> lsn > soundLsn)
            .map(lsn -> SegmentNames.of(lsn, SegmentNames.CHECKPOINT))
            .toList();
    for (var name : names) {
      disk.delete(name);
    }
    return names;
  }

  /** Segments that end at or before this LSN are needed by no checkpoint kept. */
  public long oldestKeptLsn() throws IOException {
    var lsns = SegmentNames.lsns(disk.list(), SegmentNames.CHECKPOINT);
    return lsns.isEmpty() ? 0 : lsns.getFirst();
  }

  private static final class FileSink implements Sink {
    private final DiskFile file;
    private final CRC32C crc = new CRC32C();
    private long sizeBytes;

    FileSink(DiskFile file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer piece) throws IOException {
      if (sizeBytes + piece.remaining() > MAX_CONTENT_BYTES) {
        throw new Fault.Broken("a checkpoint of more than " + MAX_CONTENT_BYTES + " bytes");
      }
      var bytes = piece.duplicate();
      crc.update(bytes.duplicate());
      int size = bytes.remaining();
      file.write(bytes, HEADER_BYTES + sizeBytes);
      sizeBytes += size;
    }
  }
}
