package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntUnaryOperator;

/**
 * Clients that send the same produce request again and again, each on a connection and a partition
 * of its own, with a fixed number of requests in flight.
 *
 * @param inFlight requests of a connection that are not answered yet
 */
record ProduceLoad(String topic, int connections, int inFlight, Requests.Batch batch) {

  /** Sends for so long; returns how many requests were answered. */
  long run(ServerProcess server, Duration time) throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    return run(partition -> server.port(), sent -> System.nanoTime() < end);
  }

  /** Sends so many requests on each connection. */
  long run(ServerProcess server, long requests) throws IOException, InterruptedException {
    return run(partition -> server.port(), requests);
  }

  /**
   * Sends so many requests on each connection.
   *
   * @param ports of the server for each partition
   */
  long run(IntUnaryOperator ports, long requests) throws IOException, InterruptedException {
    return run(ports, sent -> sent < requests);
  }

  private interface GoesOn {

    boolean after(long sent);
  }

  private long run(IntUnaryOperator ports, GoesOn goesOn) throws IOException, InterruptedException {
    List<Callable<Long>> clients = new ArrayList<>();
    for (int partition = 0; partition < connections; partition++) {
      var frame = Requests.produce(topic, partition, batch);
      int port = ports.applyAsInt(partition);
      clients.add(() -> client(port, frame, goesOn));
    }
    try (var threads = Executors.newFixedThreadPool(connections)) {
      long answered = 0;
      for (Future<Long> client : threads.invokeAll(clients)) {
        answered += client.get();
      }
      return answered;
    } catch (ExecutionException e) {
      throw new IOException("a client failed", e.getCause());
    }
  }

  private long client(int port, byte[] frame, GoesOn goesOn) throws IOException {
    int errorCodeAt = Requests.errorCodeAt(topic);
    long sent = 0;
    long answered = 0;
    try (var client = new RawClient(port)) {
      client.produceAtLast(topic, frame);
      while (goesOn.after(sent)) {
        while (sent - answered < inFlight && goesOn.after(sent)) {
          client.send(frame);
          sent++;
        }
        client.awaitProduced(errorCodeAt);
        answered++;
      }
      for (; answered < sent; answered++) {
        client.awaitProduced(errorCodeAt);
      }
    }
    return answered;
  }
}
