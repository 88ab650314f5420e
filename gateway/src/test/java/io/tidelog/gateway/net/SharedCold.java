package io.tidelog.gateway.net;

import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.TimeRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads the cold part of the {@link SharedLog} on threads of its own; now and then an object is
 * gone.
 */
final class SharedCold implements ColdReader {

  private final SharedLog log;
  private final AtomicInteger reads = new AtomicInteger();
  private volatile int goneEvery = Integer.MAX_VALUE;

  SharedCold(SharedLog log) {
    this.log = log;
  }

  int reads() {
    return reads.get();
  }

  /** Every so many reads find that their object was replaced. */
  void loseEvery(int count) {
    goneEvery = count;
  }

  @Override
  public void read(
      ReadRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion) {
    boolean gone = reads.incrementAndGet() % goneEvery == 0;
    Thread.ofVirtual()
        .start(
            () ->
                completion.onCompleted(
                    gone
                        ? new ReadResult.Failed(new Fault.Retriable("an object is gone"))
                        : log.readCold(request, at, references)));
  }

  @Override
  public void findByTime(
      TimeRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion) {
    reads.incrementAndGet();
    Thread.ofVirtual().start(() -> completion.onCompleted(log.findCold(request, at)));
  }
}
