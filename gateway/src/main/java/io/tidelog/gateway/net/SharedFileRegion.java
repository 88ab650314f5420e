package io.tidelog.gateway.net;

import io.netty.channel.DefaultFileRegion;
import io.tidelog.core.log.RecordBytes.FilePart;

/** A stretch of a file that others read too: unlike its parent, it never closes the channel. */
final class SharedFileRegion extends DefaultFileRegion {

  SharedFileRegion(FilePart part) {
    super(part.channel(), part.position(), part.sizeBytes());
  }

  @Override
  protected void deallocate() {
    // The channel belongs to the log; RecordBytes.close says when the bytes are no longer needed.
  }
}
