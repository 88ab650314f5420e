package io.tidelog.core.log;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Hands out sealed segments to be offloaded and records that they were. */
public interface SealedSegmentSource {

  /** The logs this node leads. */
  List<LogId> logs();

  /**
   * The term this node leads a log in; whatever was uploaded in it or before is known here. −1 when
   * it does not, or when it is not certain now.
   */
  long term(LogId log);

  /**
   * The oldest sealed segment that is wholly committed and not yet in the cold tier, or null.
   * Segments are offloaded in order; the caller closes it. Does not block beyond opening a file.
   *
   * @throws Fault.Broken when it is damaged; to be told by {@link #onUnreadable}
   */
  @Nullable SealedSegment nextToOffload(LogId log);

  /**
   * What is to be offloaded cannot be read here: the disk has other bytes than were written, or
   * none. Whoever else has them whole is to lead and offload them; the caller tries again all the
   * same, since there may be nobody. Any thread.
   */
  void onUnreadable(LogId log, Fault.Broken why);

  /**
   * Writes a {@code COLD_COMMIT} frame; when the stage completes it is as durable as a record, and
   * the segment may be deleted locally. Idempotent by object key; fails with {@link Fault.Fenced}
   * when the term has moved on.
   */
  CompletionStage<Void> commit(ColdObject object);

  /** Every object that some partition of the log still needs. */
  Set<String> liveObjects(LogId log);

  /** Bytes sealed and not yet in the cold tier. */
  long offloadLagBytes(LogId log);

  /** Registers who is told, on the log's lane, that a segment was sealed. */
  void onSealed(Runnable listener);
}
