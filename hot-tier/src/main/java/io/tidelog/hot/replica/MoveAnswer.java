package io.tidelog.hot.replica;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.ImportedHistory;
import io.tidelog.hot.format.ImportedState;
import io.tidelog.hot.format.MoveCodec;
import io.tidelog.hot.move.SourceAnswer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * All that the leader of a log answers about a partition that moves away; see {@code
 * docs/formats/replication.md}.
 *
 * @param history when it was asked where the import begins
 * @param state when the last records of a closed partition are in it
 * @param records whole batches, position to limit
 */
record MoveAnswer(
    SourceAnswer told,
    @Nullable ImportedHistory history,
    @Nullable ImportedState state,
    ByteBuffer records) {

  /** The largest frame of records, and the largest of what else comes with it. */
  static final int MAX_BYTES = 2 * FrameFormat.MAX_FRAME_BYTES;

  static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private static final int FIXED_BYTES = 6 * Long.BYTES + 2;
  private static final byte NOTHING_ELSE = 0;
  private static final byte WITH_HISTORY = 1;
  private static final byte WITH_STATE = 2;

  /**
   * The answer as bytes; borrows the records.
   *
   * @throws IllegalArgumentException when it is larger than {@link #MAX_BYTES}
   */
  static ByteBuffer encode(
      SourceAnswer told,
      @Nullable ImportedHistory history,
      @Nullable ImportedState state,
      RecordBytes records) {
    long size = (long) FIXED_BYTES + records.sizeBytes();
    size += history == null ? 0 : MoveCodec.sizeOf(history);
    size += state == null ? 0 : MoveCodec.sizeOf(state);
    if (size > MAX_BYTES) {
      throw new IllegalArgumentException("an answer of " + size + " bytes");
    }
    var out = ByteBuffer.allocate((int) size);
    out.putLong(told.request()).putLong(told.epoch()).put((byte) (told.isGone() ? 1 : 0));
    out.putLong(told.offsets().start()).putLong(told.offsets().end());
    out.putLong(told.bytesLeft()).putLong(told.endOffset());
    if (history != null) {
      MoveCodec.put(history, out.put(WITH_HISTORY));
    } else if (state != null) {
      MoveCodec.put(state, out.put(WITH_STATE));
    } else {
      out.put(NOTHING_ELSE);
    }
    records.parts().forEach(part -> out.put(part.bytes().duplicate()));
    return out.flip();
  }

  /**
   * Reads what {@link #encode} wrote; the records stay in the buffer.
   *
   * @throws IllegalArgumentException when it is no answer
   */
  static MoveAnswer decode(ByteBuffer in) {
    try {
      long request = in.getLong();
      long epoch = in.getLong();
      boolean isGone = in.get() != 0;
      var offsets = new OffsetRange(in.getLong(), in.getLong());
      var told = new SourceAnswer(request, epoch, isGone, offsets, in.getLong(), in.getLong());
      byte more = in.get();
      var history = more == WITH_HISTORY ? MoveCodec.getHistory(in) : null;
      var state = more == WITH_STATE ? MoveCodec.getState(in) : null;
      return new MoveAnswer(told, history, state, in.slice());
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("an answer that is cut off", e);
    }
  }
}
