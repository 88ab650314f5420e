package io.tidelog.metadata.store.embedded;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.Txn;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.pcollections.TreePMap;

/**
 * The bytes of logs and snapshots; see {@code docs/formats/metadata-log.md}. Pure. Numbers are
 * big-endian, checksums CRC-32C.
 */
final class StoreFormat {

  static final int VERSION = 1;
  static final int LOG_HEADER_BYTES = 24;
  static final int BLOCK_HEADER_BYTES = 28;

  private static final long LOG_MAGIC = 0x54_4c_4d_45_54_41_4c_01L; // TLMETAL
  private static final long SNAPSHOT_MAGIC = 0x54_4c_4d_45_54_41_53_01L; // TLMETAS
  private static final int BLOCK_MAGIC = 0x54_4c_4d_42; // TLMB
  private static final int BLOCK_CRC_POSITION = 24;
  private static final byte WRITTEN = 1;
  private static final byte GRANTED = 2;
  private static final byte ENDED = 3;
  private static final byte PUT = 1;
  private static final byte DELETE = 2;

  private StoreFormat() {}

  static ByteBuffer logHeader(long number) {
    var header = ByteBuffer.allocate(LOG_HEADER_BYTES);
    header.putLong(LOG_MAGIC).putInt(VERSION).putLong(number);
    return header.putInt(crc(header.array(), 0, header.position())).flip();
  }

  /**
   * @throws Fault.Broken when this is not the header of log {@code number}
   */
  static void checkLogHeader(byte[] log, long number) {
    if (log.length < LOG_HEADER_BYTES) {
      throw new Fault.Broken("metadata log " + number + " has no header");
    }
    var header = ByteBuffer.wrap(log);
    int crcPosition = LOG_HEADER_BYTES - Integer.BYTES;
    if (header.getLong(0) != LOG_MAGIC || header.getInt(crcPosition) != crc(log, 0, crcPosition)) {
      throw new Fault.Broken("the header of metadata log " + number + " is damaged");
    }
    checkVersion(header.getInt(8));
    if (header.getLong(12) != number) {
      throw new Fault.Broken(
          "metadata log " + header.getLong(12) + " bears the name of log " + number);
    }
  }

  /** One group commit as a block. */
  static ByteBuffer block(long number, long sequence, List<Change> changes) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(BLOCK_MAGIC);
      out.writeInt(0); // length, below
      out.writeLong(sequence);
      out.writeLong(number);
      out.writeInt(0); // checksum, below
      for (var change : changes) {
        writeChange(change, out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    var block = ByteBuffer.wrap(bytes.toByteArray());
    block.putInt(Integer.BYTES, block.limit() - BLOCK_HEADER_BYTES);
    return block.putInt(BLOCK_CRC_POSITION, blockCrc(block.array(), 0, block.limit()));
  }

  /** The size of the sound block at {@code position}, or 0. */
  static int soundBlockBytes(byte[] log, int position, long number) {
    if (log.length - position < BLOCK_HEADER_BYTES) {
      return 0;
    }
    var header = ByteBuffer.wrap(log, position, BLOCK_HEADER_BYTES).slice();
    int length = header.getInt(Integer.BYTES);
    if (header.getInt(0) != BLOCK_MAGIC
        || length < 0
        || length > log.length - position - BLOCK_HEADER_BYTES
        || header.getLong(16) != number) {
      return 0;
    }
    int size = BLOCK_HEADER_BYTES + length;
    return header.getInt(BLOCK_CRC_POSITION) == blockCrc(log, position, size) ? size : 0;
  }

  static long blockSequence(byte[] log, int position) {
    return ByteBuffer.wrap(log).getLong(position + 8);
  }

  /** The changes of the sound block at {@code position}. */
  static List<Change> changes(byte[] log, int position, int sizeBytes) {
    var in = ByteBuffer.wrap(log, position, sizeBytes);
    in.position(position + BLOCK_HEADER_BYTES);
    var changes = new ArrayList<Change>();
    try {
      while (in.hasRemaining()) {
        changes.add(readChange(in));
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Fault.Broken("a metadata log block with a sound checksum makes no sense", e);
    }
    return changes;
  }

  static ByteBuffer snapshot(long number, StoreState.Snapshot snapshot) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeLong(SNAPSHOT_MAGIC);
      out.writeInt(VERSION);
      out.writeLong(number);
      out.writeLong(snapshot.revision());
      out.writeLong(snapshot.nextLease());
      out.writeInt(snapshot.leases().size());
      for (var lease : snapshot.leases()) {
        out.writeLong(lease.lease());
        out.writeLong(lease.ttlMs());
      }
      out.writeInt(snapshot.entries().size());
      for (var entry : snapshot.entries().values()) {
        out.writeLong(entry.createRevision());
        out.writeLong(entry.modRevision());
        writePut(entry.key(), entry.value(), entry.lease(), out);
      }
      byte[] soFar = bytes.toByteArray();
      out.writeInt(crc(soFar, 0, soFar.length));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  /**
   * @throws Fault.Broken when it is not the whole snapshot {@code number}
   */
  static StoreState.Snapshot readSnapshot(byte[] file, long number) {
    int end = file.length - Integer.BYTES;
    if (end < 0 || ByteBuffer.wrap(file).getInt(end) != crc(file, 0, end)) {
      throw new Fault.Broken("metadata snapshot " + number + " is damaged");
    }
    var in = ByteBuffer.wrap(file, 0, end);
    try {
      if (in.getLong() != SNAPSHOT_MAGIC) {
        throw new Fault.Broken("this is not a metadata snapshot");
      }
      checkVersion(in.getInt());
      if (in.getLong() != number) {
        throw new Fault.Broken("another metadata snapshot bears the name of " + number);
      }
      long revision = in.getLong();
      long nextLease = in.getLong();
      var leases = new ArrayList<Change.Granted>();
      for (int left = in.getInt(); left > 0; left--) {
        leases.add(new Change.Granted(in.getLong(), in.getLong()));
      }
      TreePMap<String, Entry> entries = TreePMap.empty();
      for (int left = in.getInt(); left > 0; left--) {
        long created = in.getLong();
        long modified = in.getLong();
        var put = readPut(in);
        entries =
            entries.plus(
                put.key(), new Entry(put.key(), put.value(), created, modified, put.lease()));
      }
      return new StoreState.Snapshot(revision, nextLease, leases, entries);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Fault.Broken("metadata snapshot " + number + " makes no sense", e);
    }
  }

  private static void writeChange(Change change, DataOutputStream out) throws IOException {
    switch (change) {
      case Change.Written written -> {
        out.writeByte(WRITTEN);
        out.writeLong(written.revision());
        out.writeInt(written.ops().size());
        for (var op : written.ops()) {
          writeOp(op, out);
        }
      }
      case Change.Granted granted -> {
        out.writeByte(GRANTED);
        out.writeLong(granted.lease());
        out.writeLong(granted.ttlMs());
      }
      case Change.Ended ended -> {
        out.writeByte(ENDED);
        out.writeLong(ended.lease());
        out.writeLong(ended.revision());
      }
    }
  }

  private static void writeOp(Txn.Op op, DataOutputStream out) throws IOException {
    switch (op) {
      case Txn.Op.Put put -> {
        out.writeByte(PUT);
        writePut(put.key(), put.value(), put.lease(), out);
      }
      case Txn.Op.Delete delete -> {
        out.writeByte(DELETE);
        writeBytes(delete.key().getBytes(StandardCharsets.US_ASCII), out);
      }
      case Txn.Op.Get get -> throw new IllegalArgumentException("a read is not logged: " + get);
    }
  }

  private static void writePut(String key, byte[] value, long lease, DataOutputStream out)
      throws IOException {
    writeBytes(key.getBytes(StandardCharsets.US_ASCII), out);
    out.writeLong(lease);
    writeBytes(value, out);
  }

  private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static Change readChange(ByteBuffer in) {
    byte type = in.get();
    return switch (type) {
      case WRITTEN -> {
        long revision = in.getLong();
        var ops = new ArrayList<Txn.Op>();
        for (int left = in.getInt(); left > 0; left--) {
          ops.add(readOp(in));
        }
        yield new Change.Written(revision, List.copyOf(ops));
      }
      case GRANTED -> new Change.Granted(in.getLong(), in.getLong());
      case ENDED -> new Change.Ended(in.getLong(), in.getLong());
      default -> throw new IllegalArgumentException("change of type " + type);
    };
  }

  private static Txn.Op readOp(ByteBuffer in) {
    byte type = in.get();
    return switch (type) {
      case PUT -> readPut(in);
      case DELETE -> new Txn.Op.Delete(new String(readBytes(in), StandardCharsets.US_ASCII));
      default -> throw new IllegalArgumentException("operation of type " + type);
    };
  }

  private static Txn.Op.Put readPut(ByteBuffer in) {
    var key = new String(readBytes(in), StandardCharsets.US_ASCII);
    long lease = in.getLong();
    return new Txn.Op.Put(key, readBytes(in), lease);
  }

  private static byte[] readBytes(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException(length + " bytes where " + in.remaining() + " are left");
    }
    var bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static void checkVersion(int version) {
    if (version != VERSION) {
      throw new Fault.Broken(
          "metadata is kept in format " + version + ", this program knows " + VERSION);
    }
  }

  /** Over the whole block but the checksum itself. */
  private static int blockCrc(byte[] bytes, int position, int sizeBytes) {
    var crc = new CRC32C();
    crc.update(bytes, position, BLOCK_CRC_POSITION);
    crc.update(bytes, position + BLOCK_HEADER_BYTES, sizeBytes - BLOCK_HEADER_BYTES);
    return (int) crc.getValue();
  }

  private static int crc(byte[] bytes, int position, int length) {
    var crc = new CRC32C();
    crc.update(bytes, position, length);
    return (int) crc.getValue();
  }
}
