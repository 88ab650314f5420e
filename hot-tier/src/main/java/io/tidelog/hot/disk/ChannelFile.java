package io.tidelog.hot.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A file of a {@link FileLogDisk}. */
final class ChannelFile implements DiskFile {

  private final String name;
  private final FileChannel channel;
  private final Arena views = Arena.ofShared();
  private volatile MemorySegment viewed = MemorySegment.NULL;

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

  /** One mapping for all views: to unmap after each would interrupt every core each time. */
  @Override
  public ByteBuffer view(long position, int size) throws IOException {
    var cached = cachedView(position, size);
    if (cached != null) {
      return cached;
    }
    var mapped = viewed;
    if (position + size > mapped.byteSize()) {
      mapped = map(0, channel.size(), views);
      viewed = mapped;
    }
    if (position + size > mapped.byteSize()) {
      throw new IOException("the file ends before " + (position + size) + ", file=" + name);
    }
    var wanted = mapped.asSlice(position, size);
    try {
      wanted.load();
    } catch (InternalError e) {
      throw new IOException("cannot be read at " + position + ", file=" + name, e);
    }
    return wanted.asByteBuffer();
  }

  @Override
  public @Nullable ByteBuffer cachedView(long position, int size) {
    var mapped = viewed;
    if (position + size > mapped.byteSize()) {
      return null;
    }
    var wanted = mapped.asSlice(position, size);
    return wanted.isLoaded() ? wanted.asByteBuffer() : null;
  }

  @Override
  public FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    if (viewed.byteSize() > 0) {
      viewed = MemorySegment.NULL;
      views.close();
    }
    channel.close();
  }
}
