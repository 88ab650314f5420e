package io.tidelog.cold.store.s3;

import io.tidelog.cold.store.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A range of an object's content as a stream that can go back, without a buffer of its own. */
final class ContentStream extends InputStream {

  private final ObjectContent content;
  private final long end;
  private long position;
  private long mark;

  ContentStream(ObjectContent content, long position, long size) {
    this.content = content;
    this.position = position;
    this.mark = position;
    this.end = position + size;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int bytes = (int) Math.min(length, end - position);
    if (bytes == 0) {
      return -1;
    }
    content.read(position, ByteBuffer.wrap(into, offset, bytes));
    position += bytes;
    return bytes;
  }

  @Override
  public long skip(long bytes) {
    long skipped = Math.clamp(bytes, 0, end - position);
    position += skipped;
    return skipped;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, end - position);
  }

  @Override
  public boolean markSupported() {
    return true;
  }

  @Override
  public void mark(int readLimit) {
    mark = position;
  }

  @Override
  public void reset() {
    position = mark;
  }
}
