package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster has agreed on about its segment logs. What is known here is a hint and may be
 * old; only the answer to {@link #propose} decides. Any thread may call it; stages complete and
 * listeners are called on the metadata lane and only post to their own.
 */
public interface LogRegistry {

  /** The newest record known here, or null. */
  @Nullable LogRecord find(LogId log);

  /** The newest records known here. */
  Collection<LogRecord> all();

  /**
   * Tells every change from now on, in the order of revisions of each log, perhaps repeated, until
   * the subscription ends.
   */
  Subscription onChange(Consumer<LogRecord> listener);

  /**
   * Reads the record as it is now.
   *
   * @return fails with {@code Retriable} when the store does not answer
   */
  CompletionStage<@Nullable LogRecord> read(LogId log);

  /**
   * Replaces a record unless it has changed since.
   *
   * @param next what it becomes; its {@code modRevision} is the one that must still hold
   * @return the record as it is stored now: {@code next} with a new revision, or what another one
   *     made of it; fails with {@code Uncertain} when it may or may not have been replaced, now or
   *     later, until it is seen with another revision
   */
  CompletionStage<LogRecord> propose(LogRecord next);
}
