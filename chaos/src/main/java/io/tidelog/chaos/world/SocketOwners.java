package io.tidelog.chaos.world;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells whose the other end of a connection on loopback is, as Linux says in {@code /proc}: its
 * table of connections gives the number of each socket, the open files of a process those it has.
 * For processes of the same user that takes no rights.
 */
final class SocketOwners {

  /** {@code tcp6} has those of programs that speak both versions, most of them. */
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

  /** As the tables write 127.0.0.1, by itself or at the end of an address of version 6. */
  private static final String LOOPBACK = "0100007F";

  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int SOCKET = 9;

  private SocketOwners() {}

  /**
   * Which of some processes has the socket that is bound to one address and connected to another,
   * both 127.0.0.1; none when another has it, or it was closed already.
   */
  static Optional<ProcessHandle> of(
      InetSocketAddress bound, InetSocketAddress connected, Collection<ProcessHandle> among)
      throws IOException {
    var socket = socket(end(bound), end(connected));
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    var name = Path.of("socket:[" + socket.get() + "]");
    return among.stream().filter(process -> has(process, name)).findFirst();
  }

  private static String end(InetSocketAddress address) {
    return String.format(Locale.ROOT, "%s:%04X", LOOPBACK, address.getPort());
  }

  private static Optional<String> socket(String bound, String connected) throws IOException {
    for (var table : TABLES) {
      if (Files.exists(table)) {
        for (var line : Files.readAllLines(table)) {
          var fields = line.strip().split("\\s+");
          if (fields.length > SOCKET
              && fields[LOCAL].endsWith(bound)
              && fields[REMOTE].endsWith(connected)) {
            return Optional.of(fields[SOCKET]);
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean has(ProcessHandle process, Path socket) {
    try (var files = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/fd"))) {
      for (var file : files) {
        if (isLinkTo(file, socket)) {
          return true;
        }
      }
      return false;
    } catch (IOException ended) {
      return false;
    }
  }

  /** A file may be closed while they are listed. */
  private static boolean isLinkTo(Path file, Path target) {
    try {
      return Files.readSymbolicLink(file).equals(target);
    } catch (IOException closed) {
      return false;
    }
  }
}
