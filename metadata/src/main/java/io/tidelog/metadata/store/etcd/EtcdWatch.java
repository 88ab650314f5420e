package io.tidelog.metadata.store.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent.EventType;
import io.etcd.jetcd.watch.WatchResponse;
import io.grpc.Status;
import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.store.WatchFeed;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch that outlives its streams. jetcd resumes a stream from where etcd was when it answered,
 * and so may leave out what it has not told yet; here the first failure ends the stream, and a new
 * one begins right after the last change that was told. Owned by the store's thread.
 *
 * <p>A stream begins one revision earlier than wanted, and what was told already is dropped. So
 * etcd says that something is compacted in every case in which we do: it would take a start at the
 * compacted revision itself, and there, up to 3.4.34, leave out deletions.
 */
final class EtcdWatch implements MetadataStore.Watch {

  private static final Logger LOG = LoggerFactory.getLogger(EtcdWatch.class);

  /** Between a stream's end and the next one. */
  private static final long REOPEN_PAUSE_NS = 200_000_000;

  private final Supplier<Watch> streams;
  private final Keyspace keys;
  private final String prefix;
  private final WatchFeed feed;
  private final Lane owner;
  private final Clock clock;
  private final long idleNs;
  private final long answerNs;

  // Owned by the store's thread.
  private long nextRevision;
  private @Nullable Stream stream;
  private boolean failing;
  private boolean ended;

  EtcdWatch(
      Supplier<Watch> streams,
      Keyspace keys,
      String prefix,
      long fromRevision,
      WatchFeed feed,
      Lane owner,
      Clock clock,
      EtcdConfig config) {
    this.streams = streams;
    this.keys = keys;
    this.prefix = prefix;
    this.nextRevision = fromRevision;
    this.feed = feed;
    this.owner = owner;
    this.clock = clock;
    this.idleNs = TimeUnit.MILLISECONDS.toNanos(config.watchIdleMs());
    this.answerNs = TimeUnit.MILLISECONDS.toNanos(config.requestTimeoutMs());
  }

  /** Begins a stream, unless the watch has ended; on the store's thread. */
  void open() {
    if (ended || feed.isClosed()) {
      return;
    }
    var opened = new Stream();
    stream = opened;
    try {
      opened.watcher = streams.get().watch(keys.key(prefix), options(), opened);
    } catch (RuntimeException e) {
      // jetcd throws what it finds wrong before it sends.
      onStreamEnded(opened, e);
    }
  }

  private WatchOption options() {
    return options(keys.endOf(prefix), Math.max(1, nextRevision - 1));
  }

  /**
   * How every stream is opened: a member that has lost the others ends it instead of staying
   * silent, and tells when it has begun.
   */
  static WatchOption options(ByteSequence end, long fromRevision) {
    return WatchOption.builder()
        .withRange(end)
        .withRevision(fromRevision)
        .withRequireLeader(true)
        .withCreateNotify(true)
        .build();
  }

  /** Looks whether the stream lives; on the store's thread, now and then. */
  void checkAlive() {
    var current = stream;
    if (current == null) {
      return;
    }
    long nowNs = clock.monotonicNs();
    if (current.askedNs != 0) {
      if (nowNs - current.askedNs > answerNs) {
        onStreamEnded(current, new IllegalStateException("etcd gives no sign of life"));
      }
    } else if (nowNs - current.heardNs > idleNs) {
      current.askedNs = nowNs;
      askForProgress(current);
    }
  }

  private void askForProgress(Stream silent) {
    try {
      if (silent.watcher != null) {
        silent.watcher.requestProgress();
      }
    } catch (RuntimeException e) {
      // The stream ends at this moment, on a thread of gRPC.
      onStreamEnded(silent, e);
    }
  }

  boolean isEnded() {
    return ended || feed.isClosed();
  }

  /** Ends the stream for good; on the store's thread. */
  void end() {
    ended = true;
    endStream();
  }

  @Override
  public void close() {
    feed.close();
    owner.execute(this::end);
  }

  private void onResponse(Stream from, WatchResponse response) {
    if (from != stream) {
      return;
    }
    from.heardNs = clock.monotonicNs();
    from.askedNs = 0;
    if (failing) {
      failing = false;
      LOG.info("Watch on etcd goes on. prefix={} nextRevision={}", prefix, nextRevision);
    }
    var news = new ArrayList<WatchEvent>();
    long last = nextRevision - 1;
    for (var event : response.getEvents()) {
      var found = event.getKeyValue();
      if (found.getModRevision() >= nextRevision) {
        last = Math.max(last, found.getModRevision());
        news.add(
            event.getEventType() == EventType.DELETE
                ? new WatchEvent.Deleted(keys.strip(found.getKey()), found.getModRevision())
                : new WatchEvent.Put(keys.entry(found)));
      }
    }
    nextRevision = last + 1;
    // The answer's own revision may be ahead of its changes, and of those still to come.
    if (!news.isEmpty() && !feed.offer(last, news)) {
      cancel(last);
    }
  }

  private void onStreamEnded(Stream from, Throwable failure) {
    if (from != stream) {
      return;
    }
    endStream();
    if (failure instanceof CompactedException compacted) {
      cancel(compacted.getCompactedRevision());
    } else if (EtcdFaults.code(failure) == Status.Code.RESOURCE_EXHAUSTED) {
      // One answer with more changes than is ever taken at once: the same again next time.
      cancel(nextRevision);
    } else {
      if (!failing) {
        failing = true;
        LOG.warn(
            "Watch on etcd is broken, opening it again until it works. prefix={} nextRevision={}"
                + " reason={}",
            prefix,
            nextRevision,
            EtcdFaults.text(failure));
      }
      owner.executeAt(clock.monotonicNs() + REOPEN_PAUSE_NS, this::open);
    }
  }

  private void cancel(long missedRevision) {
    end();
    feed.cancel(missedRevision);
  }

  private void endStream() {
    var old = stream;
    stream = null;
    if (old != null && old.watcher != null) {
      old.watcher.close();
    }
  }

  /** One stream of jetcd; its calls come on threads of gRPC, some under jetcd's lock. */
  private final class Stream implements Watch.Listener {

    private Watch.@Nullable Watcher watcher;

    /** When it began or told anything, last time. */
    private long heardNs = clock.monotonicNs();

    /** When it was asked for a sign of life and gave none since, or 0. */
    private long askedNs;

    @Override
    public void onNext(WatchResponse response) {
      owner.execute(() -> onResponse(this, response));
    }

    @Override
    public void onError(Throwable failure) {
      owner.execute(() -> onStreamEnded(this, failure));
    }

    @Override
    public void onCompleted() {
      onError(new IllegalStateException("etcd has ended the stream"));
    }
  }
}
