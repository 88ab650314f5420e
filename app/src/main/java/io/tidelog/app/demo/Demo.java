package io.tidelog.app.demo;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.node.NodeStatus;
import io.tidelog.app.node.TidelogNode;
import io.tidelog.app.telemetry.ConsoleLog;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.consumer.KafkaConsumer;
import io.vertx.kafka.client.consumer.KafkaConsumerRecord;
import io.vertx.kafka.client.producer.KafkaProducer;
import io.vertx.kafka.client.producer.KafkaProducerRecord;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams lines into a plain and a delay topic of a node of its own, watches them being offloaded,
 * reads everything back and compares.
 */
public final class Demo {

  private static final int PARTITIONS = 3;
  private static final int MAX_IN_FLIGHT = 20_000;
  private static final long DELAY_MS = 5_000;
  private static final String PLAIN = "lines";
  private static final String DELAYED = "lines_5s";
  private static final String BUCKET = "tidelog-demo";
  private static final long LOCAL_MAX_BYTES = 16L * 1024 * 1024;
  private static final long REPORT_MS = 500;
  private static final long READ_TIMEOUT_S = 300;

  /** Of one line of progress; with its separators it fits a terminal of 80 columns. */
  private static final String COLUMNS = "%-13s %9s %11s %4s %11s %4s %12s %9s%n";

  private final PrintStream out;
  private final Path folder;
  private final AtomicLong produced = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private IntSupplier delayedSeen = () -> 0;

  public Demo(PrintStream out, Path folder) {
    this.out = out;
    this.folder = folder;
  }

  /** True when everything agreed. */
  public boolean run(@Nullable Path file) throws InterruptedException {
    ConsoleLog.level("warn");
    var lines = DemoInput.read(file);
    var s3 = LocalS3Server.start(folder, BUCKET);
    out.println(
        s3.map(server -> "Object store: S3 server of its own at " + server.endpoint())
            .orElse("Object store: a folder (no local S3 server in this build)"));
    var vertx = Vertx.vertx();
    try (var node = TidelogNode.start(config(s3.map(LocalS3Server::endpoint).orElse(null)))) {
      return stream(vertx, node, lines);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
      s3.ifPresent(LocalS3Server::close);
    }
  }

  private NodeConfig config(@Nullable String s3Endpoint) {
    var settings = new HashMap<String, String>();
    settings.put("listeners", "PLAINTEXT://localhost:0");
    settings.put("tidelog.admin.port", "0");
    settings.put("log.dir", folder.resolve("data").toString());
    settings.put("tidelog.segment.bytes", Integer.toString(4 * 1024 * 1024));
    settings.put("tidelog.segment.ms", "1000");
    settings.put("tidelog.local.max.bytes", Long.toString(LOCAL_MAX_BYTES));
    settings.put("num.partitions", Integer.toString(PARTITIONS));
    if (s3Endpoint != null) {
      settings.put("tidelog.object.store", "s3://" + BUCKET + "/demo");
      settings.put("tidelog.s3.endpoint", s3Endpoint);
    }
    return NodeConfig.read(null, Map.of(), settings, NodeConfig.topicDefaultNames());
  }

  private boolean stream(Vertx vertx, TidelogNode node, List<String> lines)
      throws InterruptedException {
    var bootstrap = node.addresses().bootstrap();
    out.printf(
        "Node: %s   input: %,d lines, %,d bytes%n%n",
        bootstrap, lines.size(), lines.stream().mapToLong(String::length).sum());
    var delayed = new DelayedReader(lines.size(), DELAY_MS);
    delayedSeen = delayed::count;
    var watch = consumer(vertx, bootstrap, "delayed-readers");
    watch.handler(record -> delayed.onRecord(record.timestamp(), System.currentTimeMillis()));
    watch.subscribe(DELAYED);
    long started = System.nanoTime();
    heading();
    var expected = produce(vertx, node, lines);
    var refused = failure.get();
    if (refused != null) {
      row("records sent", produced.get() + ", first failure " + refused, false);
      return false;
    }
    out.printf(
        "%nProduced in %.1f s; of %s %,d records were due and seen%n",
        seconds(started), DELAYED, delayed.count());
    awaitWithReport(delayed.finished(), node, "delayed topic");
    watch.close();
    long reading = System.nanoTime();
    var actual = readBack(vertx, node, lines.size());
    return report(expected, actual, seconds(reading), delayed, node.status());
  }

  private String produce(Vertx vertx, TidelogNode node, List<String> lines)
      throws InterruptedException {
    var config =
        Map.of(
            "bootstrap.servers", node.addresses().bootstrap(),
            "key.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "value.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "acks", "all",
            "linger.ms", "5",
            "batch.size", "65536");
    KafkaProducer<String, String> producer = KafkaProducer.create(vertx, config);
    producer.exceptionHandler(this::onRefused);
    var digest = new TopicDigest(PARTITIONS);
    var inFlight = new Semaphore(MAX_IN_FLIGHT);
    long nextReport = System.currentTimeMillis();
    for (int i = 0; i < lines.size() && failure.get() == null; i++) {
      int partition = i % PARTITIONS;
      digest.add(partition, lines.get(i));
      for (var topic : List.of(PLAIN, DELAYED)) {
        inFlight.acquire();
        producer
            .send(KafkaProducerRecord.create(topic, "line-" + i, lines.get(i), partition))
            .onComplete(
                sent -> {
                  inFlight.release();
                  if (sent.succeeded()) {
                    produced.incrementAndGet();
                  } else {
                    onRefused(sent.cause());
                  }
                });
      }
      if (System.currentTimeMillis() >= nextReport) {
        nextReport = System.currentTimeMillis() + REPORT_MS;
        progress(node, "producing");
      }
    }
    inFlight.acquire(MAX_IN_FLIGHT);
    progress(node, "produced");
    producer.close().toCompletionStage().toCompletableFuture().join();
    return digest.hex();
  }

  private void onRefused(Throwable cause) {
    failure.compareAndSet(null, cause);
  }

  private String readBack(Vertx vertx, TidelogNode node, int count) throws InterruptedException {
    var digest = new TopicDigest(PARTITIONS);
    var done = new CountDownLatch(1);
    var consumer = consumer(vertx, node.addresses().bootstrap(), "readers");
    consumer.handler(
        (KafkaConsumerRecord<String, String> record) -> {
          digest.add(record.partition(), record.value());
          if (digest.count() == count) {
            done.countDown();
          }
        });
    consumer.subscribe(PLAIN);
    awaitWithReport(done, node, "reading back");
    consumer.close().toCompletionStage().toCompletableFuture().join();
    return digest.hex();
  }

  private static KafkaConsumer<String, String> consumer(
      Vertx vertx, String bootstrap, String group) {
    return KafkaConsumer.create(
        vertx,
        Map.of(
            "bootstrap.servers", bootstrap,
            "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "group.id", group,
            "auto.offset.reset", "earliest"));
  }

  private void awaitWithReport(CountDownLatch latch, TidelogNode node, String doing)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READ_TIMEOUT_S);
    while (!latch.await(REPORT_MS, TimeUnit.MILLISECONDS) && System.nanoTime() < deadline) {
      progress(node, doing);
    }
  }

  private void heading() {
    out.printf(COLUMNS, "", "produced", "hot log", "", "uploaded", "", "deleted", DELAYED);
    out.printf(COLUMNS, "", "records", "bytes", "seg", "bytes", "obj", "locally, B", "seen");
  }

  private void progress(TidelogNode node, String doing) {
    var status = node.status();
    out.printf(
        COLUMNS,
        doing,
        grouped(produced.get()),
        grouped(status.hotBytes()),
        status.segments(),
        grouped(status.uploadedBytes()),
        status.uploadedObjects(),
        grouped(status.deletedBytes()),
        grouped(delayedSeen.getAsInt()));
  }

  private static String grouped(long number) {
    return String.format("%,d", number);
  }

  private boolean report(
      String expected, String actual, double seconds, DelayedReader delayed, NodeStatus status) {
    boolean same = expected.equals(actual);
    // A small input stays within what is kept locally, and is uploaded all the same.
    boolean mustComeBack = status.uploadedBytes() > 2 * LOCAL_MAX_BYTES;
    boolean tiered =
        status.uploadedObjects() > 0
            && (!mustComeBack || (status.deletedBytes() > 0 && status.coldReadBytes() > 0));
    boolean delays = delayed.complete() && delayed.early() == 0;
    out.println();
    row("records sent", Long.toString(produced.get()), true);
    row("checksum sent", expected, true);
    row("checksum read back", actual + String.format(" (%.1f s)", seconds), same);
    row(
        "cold tier",
        String.format(
            "%,d B uploaded in %d objects, %,d B deleted locally, %,d B read back from it",
            status.uploadedBytes(),
            status.uploadedObjects(),
            status.deletedBytes(),
            status.coldReadBytes()),
        tiered);
    row(
        "lines_5s",
        delayed.count() + " records, " + delayed.early() + " early, lateness " + delayed.lateness(),
        delays);
    out.println("                          (from creation, so with the wait in the producer)");
    return same && tiered && delays;
  }

  private void row(String what, String value, boolean good) {
    out.printf("%-20s %-4s %s%n", what, good ? "ok" : "BAD", value);
  }

  private static double seconds(long startedNs) {
    return (System.nanoTime() - startedNs) / 1e9;
  }
}
