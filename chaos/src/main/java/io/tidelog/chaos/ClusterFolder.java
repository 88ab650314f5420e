package io.tidelog.chaos;

import io.tidelog.chaos.fault.Disks;
import io.tidelog.chaos.world.PidFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What is where in the folder of {@code ./tidelog cluster}. */
record ClusterFolder(Path folder) {

  /** The process that somebody started with {@code ./tidelog cluster start}. */
  Path starter() {
    return folder.resolve("cluster.pid");
  }

  /** Where sockets are: a short path, as the kernel wants it. */
  private Path socketsFile() {
    return folder.resolve("sockets");
  }

  Path makeSockets() throws IOException {
    Files.createDirectories(folder);
    var sockets = Files.createTempDirectory("tidelog-cluster");
    Files.writeString(socketsFile(), sockets.toString());
    return sockets;
  }

  /**
   * @throws IOException when no cluster was started here
   */
  Path sockets() throws IOException {
    if (!Files.exists(socketsFile())) {
      throw new IOException(
          "no cluster runs in " + folder + "; start one: ./tidelog cluster start");
    }
    return Path.of(Files.readString(socketsFile()));
  }

  Path control() throws IOException {
    return sockets().resolve("control");
  }

  /** Servers of a cluster on loopback that still run; inside a world they ended with it. */
  List<ProcessHandle> servers() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(folder)) {
      var all = folders.map(server -> server.resolve("pid")).filter(Files::exists).toList();
      var running = new ArrayList<ProcessHandle>();
      for (var file : all) {
        PidFile.read(file).ifPresent(running::add);
      }
      return running;
    }
  }

  Optional<ProcessHandle> runningStarter() throws IOException {
    return PidFile.read(starter());
  }

  /** After everything has ended. */
  void forget() throws IOException {
    if (Files.exists(socketsFile())) {
      var sockets = sockets();
      if (Files.isDirectory(sockets)) {
        Disks.wipe(sockets);
        Files.delete(sockets);
      }
      Files.delete(socketsFile());
    }
    Files.deleteIfExists(starter());
  }
}
