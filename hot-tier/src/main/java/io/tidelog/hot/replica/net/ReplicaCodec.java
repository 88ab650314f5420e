package io.tidelog.hot.replica.net;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.Acknowledged;
import io.tidelog.hot.replica.ReplicaMessage.Append;
import io.tidelog.hot.replica.ReplicaMessage.CheckpointPart;
import io.tidelog.hot.replica.ReplicaMessage.CheckpointWanted;
import io.tidelog.hot.replica.ReplicaMessage.CopyFirst;
import io.tidelog.hot.replica.ReplicaMessage.Denied;
import io.tidelog.hot.replica.ReplicaMessage.Leave;
import io.tidelog.hot.replica.ReplicaMessage.MoveAsk;
import io.tidelog.hot.replica.ReplicaMessage.MovePart;
import io.tidelog.hot.replica.ReplicaMessage.Needs;
import io.tidelog.hot.replica.ReplicaMessage.NeedsAsk;
import io.tidelog.hot.replica.ReplicaMessage.Open;
import io.tidelog.hot.replica.ReplicaMessage.Opened;
import io.tidelog.hot.replica.ReplicaMessage.Probe;
import io.tidelog.hot.replica.ReplicaMessage.ProbeAnswer;
import io.tidelog.hot.replica.ReplicaMessage.TakeOver;
import io.tidelog.hot.replica.TermStart;
import io.tidelog.hot.replica.net.ReplicaFormat.Type;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Messages to bytes and back, without I/O. Whatever bytes are decoded are a message or a {@link
 * BadFrameException}; nothing is allocated for a number that was not checked.
 */
public final class ReplicaCodec {

  private static final byte[] NO_BYTES = {};
  private static final int PARTITION_BYTES = 2 * Long.BYTES + Integer.BYTES;

  private ReplicaCodec() {}

  /**
   * Size of the whole frame; the groups of an append are counted.
   *
   * @throws IllegalArgumentException when the message is larger than a receiver takes
   */
  public static int sizeBytes(ReplicaMessage message) {
    return headBytes(message)
        + (message instanceof Append append ? checkedGroups(append.groups().remaining()) : 0);
  }

  /** A whole frame, of {@link #sizeBytes}; borrows the buffers of the message. */
  public static void encode(LogId log, ReplicaMessage message, ByteBuffer out) {
    if (message instanceof Append append) {
      encodeAppendHead(log, append, append.groups().remaining(), out);
      out.put(append.groups().duplicate());
      return;
    }
    int start = begin(log, message, out);
    putBody(message, out);
    end(out, start, 0);
  }

  /**
   * The frame of an append up to its groups, {@link ReplicaFormat#APPEND_HEAD_BYTES}.
   *
   * @param groupsBytes of the groups that follow it; those of {@code append} do not count
   */
  static void encodeAppendHead(LogId log, Append append, int groupsBytes, ByteBuffer out) {
    int start = begin(log, append, out);
    putBody(append, out);
    end(out, start, checkedGroups(groupsBytes));
  }

  /**
   * Reads a whole frame from position to limit.
   *
   * @param frame borrowed; groups and parts of a checkpoint are copied out of it
   */
  public static ReplicaFrame decode(ByteBuffer frame) throws BadFrameException {
    var reader = new FrameReader(GroupsPool.NONE, _ -> true);
    var decoded = reader.next(frame);
    if (decoded == null || frame.hasRemaining()) {
      throw new BadFrameException(decoded == null ? "frame is cut off" : "bytes after a frame");
    }
    return decoded;
  }

  /** Of the frame without the groups of an append. */
  static int headBytes(ReplicaMessage message) {
    int replicaId = Integer.BYTES + 2 * Long.BYTES;
    int body =
        switch (message) {
          case Open open ->
              4 * Long.BYTES
                  + replicaId
                  + Integer.BYTES
                  + checkedHistory(open.history().size()) * 2 * Long.BYTES;
          case Opened _ -> 5 * Long.BYTES;
          case CopyFirst _, Denied _ -> 2 * Long.BYTES;
          case CheckpointWanted _ -> 3 * Long.BYTES + replicaId;
          case CheckpointPart part -> 6 * Long.BYTES + checkedPart(part.bytes().remaining());
          case Append _ -> ReplicaFormat.APPEND_BODY_BYTES;
          case Acknowledged _ -> 5 * Long.BYTES + replicaId;
          case Probe _ -> 2 * Long.BYTES + replicaId;
          case ProbeAnswer _ -> 4 * Long.BYTES + replicaId + 2;
          case TakeOver _ -> Long.BYTES;
          case Leave _ -> 2 * Long.BYTES + replicaId;
          case MoveAsk _ -> 6 * Long.BYTES + Integer.BYTES + PARTITION_BYTES + 1;
          case MovePart part ->
              2 * Long.BYTES
                  + PARTITION_BYTES
                  + 2 * Integer.BYTES
                  + checkedMovePart(part.bytes().remaining());
          case NeedsAsk _ -> 3 * Long.BYTES + PARTITION_BYTES;
          case Needs needs ->
              2 * Long.BYTES
                  + PARTITION_BYTES
                  + Integer.BYTES
                  + checkedNeeds(needs.baseLsns().size()) * Long.BYTES;
        };
    return ReplicaFormat.HEAD_BYTES + body;
  }

  static int checkedGroups(int bytes) {
    return checked(bytes, ReplicaFormat.MAX_GROUPS_BYTES, "bytes of write groups");
  }

  private static int checkedHistory(int count) {
    return checked(count, ReplicaFormat.MAX_HISTORY, "terms of a history");
  }

  private static int checkedPart(int bytes) {
    return checked(bytes, ReplicaFormat.MAX_CHECKPOINT_PART_BYTES, "bytes of a checkpoint");
  }

  private static int checkedMovePart(int bytes) {
    return checked(bytes, ReplicaFormat.MAX_MOVE_PART_BYTES, "bytes of a moving partition");
  }

  private static int checkedNeeds(int count) {
    return checked(count, Needs.MAX_COUNT, "objects that are needed");
  }

  private static int checked(int count, int max, String what) {
    if (count > max) {
      throw new IllegalArgumentException(count + " " + what + " in one message, limit is " + max);
    }
    return count;
  }

  private static int begin(LogId log, ReplicaMessage message, ByteBuffer out) {
    int start = out.position();
    out.putInt(0).putInt(0);
    out.put(type(message).since()).put(type(message).code()).putShort((short) 0);
    putUuid(out, log.uuid());
    return start;
  }

  private static void end(ByteBuffer out, int start, int groupsBytes) {
    int sizeBytes = out.position() - start - Integer.BYTES + groupsBytes;
    out.putInt(start + ReplicaFormat.SIZE_POSITION, sizeBytes);
    out.putInt(start + ReplicaFormat.CRC_POSITION, crc(out, start, out.position() - start));
  }

  /** Of a frame without its groups, all but the checksum itself. */
  static int crc(ByteBuffer frame, int start, int headBytes) {
    var crc = new CRC32C();
    crc.update(frame.slice(start, ReplicaFormat.CRC_POSITION));
    int from = ReplicaFormat.VERSION_POSITION;
    crc.update(frame.slice(start + from, headBytes - from));
    return (int) crc.getValue();
  }

  static Type type(ReplicaMessage message) {
    return switch (message) {
      case Open _ -> Type.OPEN;
      case Opened _ -> Type.OPENED;
      case CopyFirst _ -> Type.COPY_FIRST;
      case CheckpointWanted _ -> Type.CHECKPOINT_WANTED;
      case CheckpointPart _ -> Type.CHECKPOINT_PART;
      case Denied _ -> Type.DENIED;
      case Append _ -> Type.APPEND;
      case Acknowledged _ -> Type.ACKNOWLEDGED;
      case Probe _ -> Type.PROBE;
      case ProbeAnswer _ -> Type.PROBE_ANSWER;
      case TakeOver _ -> Type.TAKE_OVER;
      case Leave _ -> Type.LEAVE;
      case MoveAsk _ -> Type.MOVE_ASK;
      case MovePart _ -> Type.MOVE_PART;
      case NeedsAsk _ -> Type.NEEDS_ASK;
      case Needs _ -> Type.NEEDS;
    };
  }

  private static void putBody(ReplicaMessage message, ByteBuffer out) {
    out.putLong(message.term());
    switch (message) {
      case Open open -> putOpen(open, out);
      case Opened opened ->
          out.putLong(opened.nonce())
              .putLong(opened.stream())
              .putLong(opened.agreedLsn())
              .putLong(opened.segmentBaseLsn());
      case CopyFirst copy -> out.putLong(copy.nonce());
      case CheckpointWanted wanted -> {
        out.putLong(wanted.nonce());
        putReplica(out, wanted.from());
        out.putLong(wanted.position());
      }
      case CheckpointPart part ->
          out.putLong(part.nonce())
              .putLong(part.checkpointLsn())
              .putLong(part.segmentBaseLsn())
              .putLong(part.position())
              .putLong(part.sizeBytes())
              .put(part.bytes().duplicate());
      case Denied denied -> out.putLong(denied.nonce());
      case Append append ->
          out.putLong(append.stream())
              .putLong(append.lsn())
              .putLong(append.segmentBaseLsn())
              .putLong(append.commitLsn())
              .putLong(append.sentNs());
      case Acknowledged ack -> {
        out.putLong(ack.stream());
        putReplica(out, ack.from());
        out.putLong(ack.writtenLsn()).putLong(ack.syncedLsn()).putLong(ack.echoNs());
      }
      case Probe probe -> {
        out.putLong(probe.round());
        putReplica(out, probe.from());
      }
      case ProbeAnswer answer -> {
        out.putLong(answer.round());
        putReplica(out, answer.from());
        putBoolean(out, answer.lost());
        putBoolean(out, answer.mayLead());
        out.putLong(answer.lastTerm()).putLong(answer.endLsn());
      }
      case TakeOver _ -> {}
      case Leave leave -> {
        out.putLong(leave.stream());
        putReplica(out, leave.from());
      }
      case MoveAsk ask -> putMoveAsk(ask, out);
      case MovePart part -> putMovePart(part, out);
      case NeedsAsk ask -> {
        putUuid(out, ask.keeper().uuid());
        putPartition(out, ask.partition());
      }
      case Needs needs -> putNeeds(needs, out);
    }
  }

  private static void putOpen(Open open, ByteBuffer out) {
    out.putLong(open.nonce());
    putReplica(out, open.from());
    out.putLong(open.startLsn()).putLong(open.endLsn()).putInt(open.history().size());
    open.history().forEach(start -> out.putLong(start.term()).putLong(start.lsn()));
  }

  private static void putMoveAsk(MoveAsk ask, ByteBuffer out) {
    putUuid(out, ask.target().uuid());
    out.putLong(ask.request());
    putPartition(out, ask.partition());
    out.putLong(ask.moveEpoch()).putLong(ask.fromOffset());
    putBoolean(out, ask.wantsClose());
    out.putInt(ask.maxBytes());
  }

  private static void putMovePart(MovePart part, ByteBuffer out) {
    out.putLong(part.request());
    putPartition(out, part.partition());
    out.putInt(part.position()).putInt(part.sizeBytes()).put(part.bytes().duplicate());
  }

  private static void putNeeds(Needs needs, ByteBuffer out) {
    putPartition(out, needs.partition());
    out.putLong(needs.moveEpoch()).putInt(needs.baseLsns().size());
    needs.baseLsns().forEach(out::putLong);
  }

  /**
   * @param body without the groups of an append; a part of a checkpoint stays in it
   * @param groups of an append, else empty; taken
   */
  static ReplicaMessage decodeBody(Type type, ByteBuffer body, ByteBuffer groups)
      throws BadFrameException {
    try {
      var message = readBody(type, body, groups);
      if (body.hasRemaining()) {
        throw new BadFrameException(body.remaining() + " bytes too many in " + type);
      }
      return message;
    } catch (BufferUnderflowException _) {
      throw new BadFrameException(type + " is too short");
    }
  }

  private static ReplicaMessage readBody(Type type, ByteBuffer in, ByteBuffer groups)
      throws BadFrameException {
    long term = in.getLong();
    return switch (type) {
      case OPEN ->
          new Open(
              term, in.getLong(), readReplica(in), in.getLong(), in.getLong(), readHistory(in));
      case OPENED -> new Opened(term, in.getLong(), in.getLong(), in.getLong(), in.getLong());
      case COPY_FIRST -> new CopyFirst(term, in.getLong());
      case CHECKPOINT_WANTED ->
          new CheckpointWanted(term, in.getLong(), readReplica(in), in.getLong());
      case CHECKPOINT_PART ->
          new CheckpointPart(
              term,
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              readRest(in, ReplicaFormat.MAX_CHECKPOINT_PART_BYTES));
      case DENIED -> new Denied(term, in.getLong());
      case APPEND ->
          new Append(
              term, in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), groups);
      case ACKNOWLEDGED ->
          new Acknowledged(
              term, in.getLong(), readReplica(in), in.getLong(), in.getLong(), in.getLong());
      case PROBE -> new Probe(term, in.getLong(), readReplica(in));
      case PROBE_ANSWER ->
          new ProbeAnswer(
              term,
              in.getLong(),
              readReplica(in),
              readBoolean(in),
              readBoolean(in),
              in.getLong(),
              in.getLong());
      case TAKE_OVER -> new TakeOver(term);
      case LEAVE -> new Leave(term, in.getLong(), readReplica(in));
      case MOVE_ASK ->
          new MoveAsk(
              term,
              new LogId(readUuid(in)),
              in.getLong(),
              readPartition(in),
              in.getLong(),
              in.getLong(),
              readBoolean(in),
              in.getInt());
      case MOVE_PART ->
          new MovePart(
              term,
              in.getLong(),
              readPartition(in),
              in.getInt(),
              in.getInt(),
              readRest(in, ReplicaFormat.MAX_MOVE_PART_BYTES));
      case NEEDS_ASK -> new NeedsAsk(term, new LogId(readUuid(in)), readPartition(in));
      case NEEDS -> new Needs(term, readPartition(in), in.getLong(), readNeeds(in));
    };
  }

  private static List<TermStart> readHistory(ByteBuffer in) throws BadFrameException {
    int count = in.getInt();
    if (count < 0 || count > ReplicaFormat.MAX_HISTORY) {
      throw new BadFrameException("history of " + count + " terms");
    }
    if (in.remaining() != count * 2 * Long.BYTES) {
      throw new BadFrameException("history of " + count + " terms in " + in.remaining() + " bytes");
    }
    var history = new ArrayList<TermStart>(count);
    for (int i = 0; i < count; i++) {
      history.add(new TermStart(in.getLong(), in.getLong()));
    }
    return List.copyOf(history);
  }

  private static List<Long> readNeeds(ByteBuffer in) throws BadFrameException {
    int count = in.getInt();
    if (count < 0 || count > Needs.MAX_COUNT || in.remaining() != count * Long.BYTES) {
      throw new BadFrameException(count + " needs in " + in.remaining() + " bytes");
    }
    var needs = new ArrayList<Long>(count);
    for (int i = 0; i < count; i++) {
      needs.add(in.getLong());
    }
    return List.copyOf(needs);
  }

  private static ByteBuffer readRest(ByteBuffer in, int maxBytes) throws BadFrameException {
    if (in.remaining() > maxBytes) {
      throw new BadFrameException("a part of " + in.remaining() + " bytes");
    }
    var rest = in.slice();
    in.position(in.limit());
    return rest;
  }

  static ByteBuffer noGroups() {
    return ByteBuffer.wrap(NO_BYTES);
  }

  private static void putReplica(ByteBuffer out, ReplicaId replica) {
    out.putInt(replica.nodeId());
    putUuid(out, replica.diskId());
  }

  private static ReplicaId readReplica(ByteBuffer in) {
    return new ReplicaId(in.getInt(), readUuid(in));
  }

  private static void putPartition(ByteBuffer out, PartitionId id) {
    putUuid(out, id.topicId());
    out.putInt(id.partition());
  }

  private static PartitionId readPartition(ByteBuffer in) throws BadFrameException {
    var topicId = readUuid(in);
    int number = in.getInt();
    if (number < 0) {
      throw new BadFrameException("partition " + number);
    }
    return new PartitionId(topicId, number);
  }

  static void putUuid(ByteBuffer out, UUID uuid) {
    out.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
  }

  static UUID readUuid(ByteBuffer in) {
    return new UUID(in.getLong(), in.getLong());
  }

  private static void putBoolean(ByteBuffer out, boolean value) {
    out.put((byte) (value ? 1 : 0));
  }

  private static boolean readBoolean(ByteBuffer in) throws BadFrameException {
    byte value = in.get();
    if (value != 0 && value != 1) {
      throw new BadFrameException("neither yes nor no: " + value);
    }
    return value == 1;
  }
}
