package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests at a fixed rate on one connection and one partition, sent when they are due whether or
 * not earlier ones were answered; a latency counts from when its request was due.
 */
record PacedLoad(String topic, int partition, Requests.Batch batch, int requestsPerSecond) {

  /** Latency in ns of every request, and how far the sender itself was late. */
  record Outcome(Histogram latency, Histogram senderLag, double seconds) {}

  Outcome run(ServerProcess server, Duration time) throws IOException, InterruptedException {
    long interval = Duration.ofSeconds(1).toNanos() / requestsPerSecond;
    int count = (int) (time.toNanos() / interval);
    var frame = Requests.produce(topic, partition, batch);
    try (var client = new RawClient(server.port());
        var threads = Executors.newSingleThreadExecutor()) {
      client.produceAtLast(topic, frame);
      long first = System.nanoTime() + interval;
      Callable<Histogram> answers = () -> awaitAll(client, first, interval, count);
      var latency = threads.submit(answers);
      var senderLag = send(client, frame, first, interval, count);
      return new Outcome(latency.get(), senderLag, (System.nanoTime() - first) / 1e9);
    } catch (ExecutionException e) {
      throw new IOException("a client failed", e.getCause());
    }
  }

  private static Histogram send(
      RawClient client, byte[] frame, long first, long interval, int count) throws IOException {
    var lag = new Histogram(3);
    for (int i = 0; i < count; i++) {
      long due = first + i * interval;
      for (long nowNs = System.nanoTime(); nowNs < due; nowNs = System.nanoTime()) {
        LockSupport.parkNanos(due - nowNs);
      }
      lag.recordValue(System.nanoTime() - due);
      client.send(frame);
    }
    return lag;
  }

  private Histogram awaitAll(RawClient client, long first, long interval, int count)
      throws IOException {
    int errorCodeAt = Requests.errorCodeAt(topic);
    var latency = new Histogram(3);
    for (int i = 0; i < count; i++) {
      client.awaitProduced(errorCodeAt);
      latency.recordValue(System.nanoTime() - (first + i * interval));
    }
    return latency;
  }
}
