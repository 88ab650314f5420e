package io.tidelog.gateway.fetch;

import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One read of one partition, from the hot tier or on from there in the cold tier. It may be over
 * when {@link #start} returns; if not, its result comes to its taker on the event loop. Everything
 * but the arrival of a result belongs to that loop.
 */
final class SlowRead {

  private static final int MAX_ASKS_OF_LOG = 3;

  private final Lane lane;
  private final Consumer<ReadCompletion> firstStep;
  private final @Nullable ColdReader cold;
  private final ReadRequest request;

  private @Nullable Taker taker;
  private @Nullable ReadResult result;
  private int asksOfLog;
  private boolean abandoned;

  /**
   * @param firstStep asks whoever leads the partition
   * @param cold null where nobody reads the cold tier: the read then ends with references to it
   */
  SlowRead(
      Lane lane,
      Consumer<ReadCompletion> firstStep,
      @Nullable ColdReader cold,
      ReadRequest request) {
    this.lane = lane;
    this.firstStep = firstStep;
    this.cold = cold;
    this.request = request;
  }

  ReadRequest request() {
    return request;
  }

  /** Null until the read is over. */
  @Nullable ReadResult result() {
    return result;
  }

  void start() {
    asksOfLog++;
    step(firstStep);
  }

  /** Who is told, on the loop, when a result arrives that was not there after {@link #start}. */
  void setTaker(@Nullable Taker newTaker) {
    taker = newTaker;
  }

  /** Nobody wants it any more: what it found or will find is closed. */
  void abandon() {
    abandoned = true;
    taker = null;
    if (result instanceof ReadResult.Records records) {
      records.bytes().close();
    }
    result = null;
  }

  private void step(Consumer<ReadCompletion> read) {
    var arrival = new Arrival();
    read.accept(arrival);
    var early = arrival.endOfCall();
    if (early != null) {
      onResult(early);
    }
  }

  private void onResult(ReadResult found) {
    switch (found) {
      case ReadResult.Cold(var at, var references) when !abandoned && cold != null -> {
        var reader = cold;
        step(completion -> reader.read(request, at, references, completion));
      }
      case ReadResult.Failed(Fault.Retriable _) when !abandoned && asksOfLog < MAX_ASKS_OF_LOG ->
          start(); // an object was replaced meanwhile: the log knows by which
      default -> finish(found);
    }
  }

  private void finish(ReadResult found) {
    result = found;
    if (abandoned) {
      abandon();
    } else if (taker != null) {
      taker.onRead(this);
    }
  }

  @FunctionalInterface
  interface Taker {
    void onRead(SlowRead read);
  }

  /**
   * Decides whether a result came within the call, and then is handled by the caller, or after it,
   * and then is posted to the loop.
   */
  private final class Arrival implements ReadCompletion {

    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    @Override
    public void onCompleted(ReadResult found) {
      if (!state.compareAndSet(null, found)) {
        lane.execute(() -> onResult(found));
      }
    }

    private @Nullable ReadResult endOfCall() {
      return state.compareAndSet(null, this) ? null : (ReadResult) state.get();
    }
  }
}
