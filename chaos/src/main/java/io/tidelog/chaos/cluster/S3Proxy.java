package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Port;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One S3 server over a folder; it takes any credentials. */
final class S3Proxy {

  /** Names the runnable jar of s3proxy, which the build fetches. */
  static final String JAR_PROPERTY = "tidelog.s3proxy.jar";

  static final String BUCKET = "tidelog";
  private static final int USUAL_PORT = 9000;

  private final Server server;
  private final Host host;
  private final Port port;

  S3Proxy(Network network, Path parent) throws IOException {
    var jar = System.getProperty(JAR_PROPERTY);
    if (jar == null || !Files.exists(Path.of(jar))) {
      throw new IOException("no S3 server at " + jar + "; ./tidelog build fetches it");
    }
    host = network.add("s3");
    var folder = parent.resolve(host.name());
    port = network.port(host, USUAL_PORT);
    Files.createDirectories(folder.resolve("buckets").resolve(BUCKET));
    var settings =
        Files.writeString(
            folder.resolve("s3proxy.conf"),
            """
            s3proxy.authorization=none
            s3proxy.endpoint=%s
            jclouds.provider=filesystem
            jclouds.filesystem.basedir=%s
            """
                .formatted(url(port.inside()), folder.resolve("buckets")));
    // Without a file of its own Logback logs at DEBUG: gigabytes, and a fiftieth of the speed.
    var logging =
        Files.writeString(
            folder.resolve("logback.xml"), "<configuration><root level=\"OFF\"/></configuration>");
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx192m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dlogback.configurationFile=" + logging,
            "-jar",
            jar,
            "--properties",
            settings.toString());
    server = new Server(network, host, command, Map.of(), folder);
  }

  Server server() {
    return server;
  }

  /** For nodes. */
  String endpoint() {
    return url(port.outside());
  }

  private String url(int at) {
    return "http://" + host.address() + ":" + at;
  }

  void start() throws IOException {
    server.start();
    Readiness.await(server, this::isListening);
  }

  boolean isListening() throws IOException {
    return Readiness.isListening(host.address(), port.inside());
  }
}
