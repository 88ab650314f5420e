package io.tidelog.hot.replica;

import io.tidelog.core.Fault;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.segment.RawRange;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads raw groups of the log that is led here, sends them to the other replicas without a copy,
 * and tells the machine what became of it. Lane, unless said otherwise.
 */
final class RangeSender {

  private static final Logger LOG = LoggerFactory.getLogger(RangeSender.class);

  private final ReplicaDriver.Parts parts;
  private final OpenLog log;
  private final EffectLoop loop;
  private final ReplicaMachine machine;

  RangeSender(ReplicaDriver.Parts parts, OpenLog log, EffectLoop loop) {
    this.parts = parts;
    this.log = log;
    this.loop = loop;
    this.machine = loop.machine();
  }

  void send(ReplicaEffect.SendRange range) {
    var driver = log.leading();
    if (driver == null) {
      return;
    }
    long term = driver.term();
    long commitLsn = driver.commitLsn();
    log.replica()
        .ranges()
        .read(range.fromLsn(), range.maxBytes(), found -> onRange(range, term, commitLsn, found));
  }

  /** On the lane, or on a reader thread. */
  private void onRange(ReplicaEffect.SendRange range, long term, long commitLsn, RawRange found) {
    switch (found) {
      case RawRange.Groups groups -> {
        var raw = groups.groups();
        var head =
            new ReplicaMessage.Append(
                term,
                range.stream(),
                raw.lsn(),
                raw.segmentBaseLsn(),
                commitLsn,
                parts.nowNs(),
                RangeBytes.NOTHING);
        long endLsn = raw.endLsn();
        parts.transport().send(parts.log().log(), range.nodeId(), head, new RangeBytes(groups));
        loop.post(() -> machine.onSent(range.nodeId(), range.stream(), endLsn));
      }
      case RawRange.AtEnd atEnd ->
          loop.post(() -> machine.onSent(range.nodeId(), range.stream(), range.fromLsn()));
      case RawRange.Trimmed trimmed ->
          loop.post(() -> machine.onRangeGone(range.nodeId(), range.stream()));
      case RawRange.Failed failed -> {
        LOG.warn(
            "a range cannot be read for a replica, log={} {}",
            parts.log().log(),
            range,
            failed.fault());
        loop.post(() -> onUnreadable(range, failed.fault()));
      }
    }
  }

  /** Damaged bytes are somebody else's to send, who has them whole. */
  private void onUnreadable(ReplicaEffect.SendRange range, Fault why) {
    machine.onRangeGone(range.nodeId(), range.stream());
    var driver = log.leading();
    if (driver != null && why instanceof Fault.Broken damage) {
      driver.onUnreadable(parts.log().log(), damage);
    }
  }

  /** Bytes of the log on their way to another replica. */
  private static final class RangeBytes implements RecordBytes {

    static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final RawRange.Groups groups;

    RangeBytes(RawRange.Groups groups) {
      this.groups = groups;
    }

    @Override
    public int sizeBytes() {
      return groups.groups().bytes().remaining();
    }

    @Override
    public List<Part> parts() {
      return List.of(new MemoryPart(groups.groups().bytes()));
    }

    @Override
    public void close() {
      groups.close();
    }
  }
}
