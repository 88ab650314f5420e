package io.tidelog.hot.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Locale;

/** A file of a {@link FileLogDisk}. */
final class ChannelFile implements DiskFile {

  private final String name;
  private final FileChannel channel;

  ChannelFile(String name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  /** The JDK tells a full disk only by the text of strerror(3), which does not vary by locale. */
  static IOException withReason(IOException e, String name) {
    var message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded")
        ? new NoSpaceException("disk full, file=" + name, e)
        : e;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    try {
      long at = position;
      while (source.hasRemaining()) {
        at += channel.write(source, at);
      }
    } catch (IOException e) {
      throw withReason(e, name);
    }
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int total = 0;
    while (target.hasRemaining()) {
      int read = channel.read(target, position + total);
      if (read < 0) {
        break;
      }
      total += read;
    }
    return total;
  }

  @Override
  public void sync() throws IOException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw withReason(e, name);
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    channel.truncate(size);
  }

  @Override
  public MemorySegment map(long position, long size, Arena arena) throws IOException {
    return channel.map(FileChannel.MapMode.READ_ONLY, position, size, arena);
  }

  @Override
  public FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
