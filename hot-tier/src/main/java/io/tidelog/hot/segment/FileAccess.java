package io.tidelog.hot.segment;

import java.io.IOException;
import java.nio.ByteBuffer;

/** How a read gets at segment files; either way it sees the same bytes. */
enum FileAccess {

  /** Blocks. */
  WAITING {
    @Override
    SegmentIndex index(Segment segment) {
      return segment.index();
    }

    @Override
    ByteBuffer bytes(Segment segment, int position, int size) throws IOException {
      return segment.file().view(position, size);
    }
  },

  /** Gives up where it would have to wait for the disk. */
  CACHED {
    @Override
    SegmentIndex index(Segment segment) throws NotCached {
      var loaded = segment.loadedIndex();
      if (loaded == null) {
        throw new NotCached();
      }
      return loaded;
    }

    @Override
    ByteBuffer bytes(Segment segment, int position, int size) throws NotCached {
      var cached = segment.file().cachedView(position, size);
      if (cached == null) {
        throw new NotCached();
      }
      return cached;
    }
  };

  abstract SegmentIndex index(Segment segment) throws NotCached;

  /** Written bytes of a segment that the caller holds, valid as long. */
  abstract ByteBuffer bytes(Segment segment, int position, int size) throws IOException;

  /** Something is not in memory. Without a stack trace: it is no fault and comes often. */
  static final class NotCached extends IOException {
    private static final long serialVersionUID = 1;

    private NotCached() {
      super("not in memory");
    }

    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }
}
