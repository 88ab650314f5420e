package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.Workload.Scale;
import java.io.IOException;
import java.time.Duration;

/** How a server starts, and what it costs when nobody uses it. */
final class StartWorkloads {

  private static final String TOPIC = "first";

  private StartWorkloads() {}

  static Figures start(ServerProcess server, Scale scale) throws IOException {
    var frame = Requests.produce(TOPIC, 0, new Requests.Batch(1, 100));
    var figures = new Figures();
    long started = System.nanoTime();
    Steps.startWith(server, TOPIC, 1);
    Steps.produceAndFetchOne(server, TOPIC, 0, frame);
    figures.add("start to first produce and consume s", Steps.secondsSince(started));
    figures.add("start to first produce and consume CPU s", server.stat().cpuSeconds());

    Steps.sleep(Duration.ofSeconds(10));
    var time = scale.seconds(20);
    var before = server.stat();
    Steps.sleep(time);
    var after = server.stat();
    figures.add("idle RSS MiB", after.memory().rss());
    figures.add("idle RssAnon MiB", after.memory().anon());
    figures.add("idle RssFile MiB", after.memory().file());
    double seconds = time.toMillis() / 1e3;
    figures.add("idle % of a core", 100 * after.cpuSecondsSince(before) / seconds);
    figures.add("idle context switches/s", after.contextSwitchesSince(before) / seconds);
    return figures;
  }
}
