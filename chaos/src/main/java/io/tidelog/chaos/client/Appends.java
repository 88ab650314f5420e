package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.history.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Sends unique records at a steady pace and writes down what became of each. A producer that cannot
 * go on is replaced by one that counts anew, as another writer.
 */
final class Appends implements Work {

  /** More than this waiting, and it waits too; a cluster that is away must not fill the memory. */
  private static final int MAX_WAITING = 5_000;

  private static final int SMALLEST = 16;

  /** Between the writers of two processes. */
  private static final int LIVES = 256;

  private static final long CLOSE_TIMEOUT_MS = Clients.DELIVERY_TIMEOUT_MS + 5_000L;

  private final Recorder recorder;
  private final Clients clients;
  private final Random random;
  private final Load load;
  private final int firstWriter;
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private final List<Integer> round = new ArrayList<>();
  private int life;
  private long sequence;

  /**
   * @param bytes largest record
   */
  record Load(String topic, int partitions, int perSecond, int bytes) {}

  Appends(int process, Recorder recorder, Clients clients, Random random, Load load) {
    this.recorder = recorder;
    this.clients = clients;
    this.random = random;
    this.load = load;
    this.firstWriter = process * LIVES;
  }

  @Override
  public void run(Stop stop) throws IOException {
    while (!stop.isNow()) {
      var isBroken = new AtomicBoolean();
      var producer = clients.producer();
      sequence = 0;
      send(producer, stop, isBroken);
      // What waits is sent, or given up as unknown.
      producer.close(Duration.ofMillis(isBroken.get() ? 0 : CLOSE_TIMEOUT_MS));
      life = (life + 1) % LIVES;
    }
  }

  private void send(KafkaProducer<byte[], byte[]> producer, Stop stop, AtomicBoolean isBroken)
      throws IOException {
    long intervalNs = TimeUnit.SECONDS.toNanos(1) / load.perSecond();
    long next = System.nanoTime();
    while (!isBroken.get()) {
      next += intervalNs;
      long ahead = next - System.nanoTime();
      if (ahead < -TimeUnit.SECONDS.toNanos(1)) {
        // It was held up; what was missed is not made up for in a burst.
        next = System.nanoTime();
      }
      if (stop.after(Math.max(0, TimeUnit.NANOSECONDS.toMillis(ahead)))) {
        return;
      }
      if (waiting.tryAcquire()) {
        send(producer, isBroken);
      }
    }
  }

  /** All of them in each round, in another order, so that none is silent for long. */
  private int nextPartition() {
    if (round.isEmpty()) {
      IntStream.range(0, load.partitions()).forEach(round::add);
      Collections.shuffle(round, random);
    }
    return round.removeLast();
  }

  private void send(KafkaProducer<byte[], byte[]> producer, AtomicBoolean isBroken) {
    long value = Value.of(firstWriter + life, sequence++);
    int partition = nextPartition();
    int size = SMALLEST + random.nextInt(Math.max(1, load.bytes() - SMALLEST));
    var key = ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    long op = recorder.sendInvoked(new Place(load.topic(), partition), value);
    // An error that is told while we are still in send() was found before anything was sent.
    var caller = Thread.currentThread();
    var isInSend = new AtomicBoolean(true);
    try {
      var unused =
          producer.send(
              new ProducerRecord<>(load.topic(), partition, key, Value.bytes(value, size)),
              (sent, failure) -> {
                waiting.release();
                if (failure == null) {
                  recorder.sendDone(op, Outcome.OK, sent.hasOffset() ? sent.offset() : -1, "");
                } else {
                  boolean isUnsent = isInSend.get() && Thread.currentThread().equals(caller);
                  recorder.sendDone(
                      op,
                      isUnsent ? Outcome.FAILED : Outcome.UNKNOWN,
                      -1,
                      failure.getClass().getSimpleName());
                  if (!isUnsent || !(failure instanceof RetriableException)) {
                    isBroken.set(true);
                    // Before it goes on: it would send under a new epoch what is in flight, and
                    // perhaps appended, so that no server can know it again.
                    producer.close(Duration.ZERO);
                  }
                }
              });
    } catch (ApiException | IllegalStateException e) {
      waiting.release();
      recorder.sendDone(op, Outcome.FAILED, -1, e.getClass().getSimpleName());
      isBroken.set(true);
    } finally {
      isInSend.set(false);
    }
  }
}
