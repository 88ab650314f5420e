package io.tidelog.benchmarks.method;

import com.sun.management.OperatingSystemMXBean;
import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaMessage.Acknowledged;
import io.tidelog.hot.replica.ReplicaMessage.Append;
import io.tidelog.hot.replica.ReplicaTransport;
import io.tidelog.hot.replica.net.HostPort;
import io.tidelog.hot.replica.net.ReplicaIdentity;
import io.tidelog.hot.replica.net.ReplicaNetConfig;
import io.tidelog.hot.replica.net.VertxReplicaTransport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A mebibyte of write groups from one node to another and its acknowledgement, a window of them
 * under way; both ends in this process, over loopback, without log and disk. The CPU is that of
 * both ends.
 */
@SuppressWarnings("NullAway.Init") // connect() comes first.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
public class ReplicaTransportBenchmark {

  private static final int MIB = 1 << 20;
  private static final int WINDOW_BYTES = 16 * MIB;
  private static final int SOURCE_BYTES = 64 * MIB;
  private static final LogId LOG = new LogId(new UUID(1, 2));
  private static final UUID CLUSTER = new UUID(3, 4);
  private static final ReplicaId FOLLOWER = new ReplicaId(2, new UUID(5, 5));
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final long PATIENCE_S = 30;

  /** {@code memory} as the tail of a log, {@code file} as an older segment. */
  @Param({"memory", "file"})
  public String source = "memory";

  @Param({"65536", "1048576"})
  public int chunkBytes = MIB;

  private final Semaphore window = new Semaphore(WINDOW_BYTES);
  private VertxReplicaTransport leader;
  private VertxReplicaTransport follower;
  private Path folder;
  private FileChannel file;
  private ByteBuffer bytes;
  private int position;
  private long lsn;

  /** CPU of the process, and what it was spent on; the sums of all iterations. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cpu {
    private static final double NANOS = 1e9;
    private final OperatingSystemMXBean system =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private long startNs;
    private long mebibytes;

    @Setup(Level.Iteration)
    public void reset() {
      startNs = system.getProcessCpuTime();
      mebibytes = 0;
    }

    public double cpuSeconds() {
      return (system.getProcessCpuTime() - startNs) / NANOS;
    }

    public double gibibytes() {
      return mebibytes / 1024.0;
    }
  }

  private record Chunk(List<Part> parts, int sizeBytes) implements RecordBytes {

    @Override
    public void close() {}
  }

  private final class Taking implements ReplicaTransport.Listener {
    private long endLsn;

    @Override
    public void onMessage(int fromNodeId, ReplicaMessage message) {
      var append = (Append) message;
      endLsn += append.groups().remaining();
      follower.giveBack(append.groups());
      follower.send(LOG, 1, new Acknowledged(1, 1, FOLLOWER, endLsn, endLsn, 0));
    }

    @Override
    public void onDisconnected(int nodeId) {}
  }

  private final class Sending implements ReplicaTransport.Listener {
    private long acknowledged;

    @Override
    public void onMessage(int fromNodeId, ReplicaMessage message) {
      long written = ((Acknowledged) message).writtenLsn();
      window.release((int) (written - acknowledged));
      acknowledged = written;
    }

    @Override
    public void onDisconnected(int nodeId) {}
  }

  @Setup
  public void connect() throws Exception {
    folder = Files.createTempDirectory("tidelog-replica");
    var path = folder.resolve("segment");
    var content = new byte[SOURCE_BYTES];
    new Random(1).nextBytes(content);
    Files.write(path, content);
    file = FileChannel.open(path, StandardOpenOption.READ);
    bytes =
        source.equals("file")
            ? file.map(MapMode.READ_ONLY, 0, SOURCE_BYTES)
            : ByteBuffer.allocateDirect(SOURCE_BYTES).put(content).flip();
    var places = new ConcurrentHashMap<Integer, HostPort>();
    var config =
        ReplicaNetConfig.of(
            Map.of(
                "tidelog.replication.port",
                "0",
                "tidelog.replication.connect.waiting.bytes",
                "" + MIB * 2));
    leader =
        new VertxReplicaTransport(
            new ReplicaIdentity(CLUSTER, 1), config, places::get, new Random(1));
    follower =
        new VertxReplicaTransport(
            new ReplicaIdentity(CLUSTER, 2), config, places::get, new Random(2));
    leader.listen(LOG, new Sending());
    follower.listen(LOG, new Taking());
    places.put(1, new HostPort("127.0.0.1", leader.start().toCompletableFuture().get()));
    places.put(2, new HostPort("127.0.0.1", follower.start().toCompletableFuture().get()));
    send();
    awaitAll();
  }

  @TearDown
  public void close() throws IOException {
    leader.close();
    follower.close();
    file.close();
    Files.delete(folder.resolve("segment"));
    Files.delete(folder);
  }

  @Benchmark
  public void sendOneMebibyte(Cpu cpu) throws InterruptedException {
    for (int sent = 0; sent < MIB; sent += chunkBytes) {
      send();
    }
    cpu.mebibytes++;
  }

  private void send() throws InterruptedException {
    if (!window.tryAcquire(chunkBytes, PATIENCE_S, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nothing is acknowledged");
    }
    position = (position + chunkBytes) % SOURCE_BYTES;
    var slice = bytes.slice(position, chunkBytes);
    RecordBytes.Part part =
        source.equals("file")
            ? new RecordBytes.FilePart(file, position, slice)
            : new RecordBytes.MemoryPart(slice);
    var append = new Append(1, 1, lsn, 0, 0, 0, NOTHING);
    leader.send(LOG, 2, append, new Chunk(List.of(part), chunkBytes));
    lsn += chunkBytes;
  }

  private void awaitAll() throws InterruptedException {
    if (!window.tryAcquire(WINDOW_BYTES, PATIENCE_S, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nothing is acknowledged");
    }
    window.release(WINDOW_BYTES);
  }
}
