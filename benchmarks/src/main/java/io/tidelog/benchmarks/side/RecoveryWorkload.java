package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.Workload.Scale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A large log after a {@code kill -9}. */
final class RecoveryWorkload {

  private static final String TOPIC = "large";
  private static final Requests.Batch ONE_MB = new Requests.Batch(1, 1_000_000);
  private static final int BATCHES = 20_000;
  private static final int CONNECTIONS = 4;
  private static final int IN_FLIGHT = 4;
  private static final double MIB = 1 << 20;

  private RecoveryWorkload() {}

  static Figures run(ServerProcess server, Scale scale) throws IOException, InterruptedException {
    Steps.startWith(
        server, TOPIC, CONNECTIONS, Map.of("retention.ms", "-1", "local.retention.ms", "-1"));
    long from = System.nanoTime();
    new ProduceLoad(TOPIC, CONNECTIONS, IN_FLIGHT, ONE_MB)
        .run(server, (long) scale.count(BATCHES / CONNECTIONS));
    var figures = new Figures();
    figures.add("filling s", Steps.secondsSince(from));
    awaitOffloaded(server);
    figures.add("local log GB", Steps.metric(server, "tidelog_log_local_bytes") / 1e9);
    server.kill();
    recover("", server, figures);
    server.kill();
    if (emptyPageCache()) {
      recover(", empty page cache", server, figures);
    }
    return figures;
  }

  /** What waits to be uploaded would be read beside the recovery. */
  private static void awaitOffloaded(ServerProcess server)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + Steps.PATIENCE.toNanos();
    while (Steps.metric(server, "tidelog_log_offload_lag_bytes") > 0) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("offloading does not come to its end");
      }
      Steps.sleep(Duration.ofSeconds(1));
    }
  }

  private static void recover(String how, ServerProcess server, Figures figures) {
    var frame = Requests.produce(TOPIC, 0, new Requests.Batch(1, 100));
    long killed = System.nanoTime();
    server.start();
    Steps.produceAndFetchOne(server, TOPIC, 0, frame);
    var stat = server.stat();
    figures.add("start to first produce and consume s" + how, Steps.secondsSince(killed));
    figures.add("CPU s" + how, stat.cpuSeconds());
    figures.add("read with system calls MiB" + how, stat.askedBytes() / MIB);
    figures.add("read from disk MiB" + how, stat.readBytes() / MIB);
  }

  /** False when this user may not. */
  private static boolean emptyPageCache() throws IOException, InterruptedException {
    var drop = Path.of("/proc/sys/vm/drop_caches");
    if (!Files.isWritable(drop)) {
      return false;
    }
    new ProcessBuilder("sync").start().waitFor();
    Files.writeString(drop, "3");
    return true;
  }
}
