package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;

/** Opens the index of a sealed segment, and rebuilds it from the segment when it must. Blocking. */
final class IndexLoader implements Segment.IndexSource {

  private final LogDisk disk;
  private final LogId log;

  IndexLoader(LogDisk disk, LogId log) {
    this.disk = disk;
    this.log = log;
  }

  @Override
  public SealedIndex load(Segment segment) throws IOException {
    var present = SealedIndex.open(disk, log, segment.baseLsn(), segment.endLsn());
    if (present != null) {
      return present;
    }
    new IndexFileWriter(disk, log).write(segment.baseLsn(), segment.endLsn(), rebuild(segment));
    var rebuilt = SealedIndex.open(disk, log, segment.baseLsn(), segment.endLsn());
    if (rebuilt == null) {
      throw new IOException("the index just written is not sound");
    }
    return rebuilt;
  }

  private ActiveIndex rebuild(Segment segment) throws IOException {
    var index = new ActiveIndex();
    var reader = new GroupReader(log, segment.file(), segment.baseLsn(), segment.endLsn());
    long lsn = segment.baseLsn();
    while (lsn < segment.endLsn()) {
      if (!(reader.read(lsn) instanceof GroupScan.Whole group)) {
        throw new Fault.Broken(
            "sealed segment is damaged, segment=" + segment.name() + " lsn=" + lsn);
      }
      GroupIndexer.enter(group.bytes(), (int) (lsn - segment.baseLsn()), index);
      lsn += group.start().groupBytes();
    }
    return index;
  }
}
