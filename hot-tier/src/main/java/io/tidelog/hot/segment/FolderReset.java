package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.util.List;

/**
 * Makes a closed log folder begin anew, empty or with a checkpoint copied from another replica. For
 * copies that do not count, or no more. Blocking.
 *
 * <p>Promises: after a crash at any moment the folder is as before, begins anew as asked, or is
 * empty when it is opened next; never a mixture.
 */
public final class FolderReset {

  /** While it is there, nothing else in the folder means anything. */
  static final String BEGUN = "reset.begun";

  private static final List<String> OF_THE_LOG =
      List.of(
          SegmentNames.SEGMENT, SegmentNames.INDEX, SegmentNames.CHECKPOINT, SegmentNames.TRIMMED);

  private FolderReset() {}

  /** The log begins at LSN 0, without a frame. */
  public static void toEmpty(LogDisk disk) throws IOException {
    begin(disk);
    wipe(disk);
    end(disk);
  }

  /**
   * The log begins with the checkpoint, and ends where the first segment that will be sent begins.
   *
   * @throws Fault.Broken when the checkpoint is not this log's, or was damaged on its way; nothing
   *     has changed then
   */
  public static void toCheckpoint(LogDisk disk, LogId log, CheckpointCopy copy) throws IOException {
    var checkpoints = new CheckpointFiles(disk, log);
    var temp = checkpoints.writeCopy(copy);
    begin(disk);
    wipe(disk);
    disk.rename(temp, SegmentNames.of(copy.lsn(), SegmentNames.CHECKPOINT));
    try (var first = disk.create(SegmentNames.of(copy.firstLsn(), SegmentNames.SEGMENT))) {
      first.sync();
    }
    disk.syncDirectory();
    end(disk);
  }

  private static void begin(LogDisk disk) throws IOException {
    disk.delete(BEGUN);
    disk.create(BEGUN).close();
    disk.syncDirectory();
  }

  private static void wipe(LogDisk disk) throws IOException {
    for (var name : disk.list()) {
      if (OF_THE_LOG.stream().anyMatch(suffix -> SegmentNames.is(name, suffix))) {
        disk.delete(name);
      }
    }
    disk.syncDirectory();
  }

  private static void end(LogDisk disk) throws IOException {
    disk.delete(BEGUN);
    disk.syncDirectory();
  }

  /** At opening: a reset that a crash interrupted leaves an empty log. */
  public static void finishInterrupted(LogDisk disk) throws IOException {
    if (disk.list().contains(BEGUN)) {
      wipe(disk);
      end(disk);
    }
  }
}
