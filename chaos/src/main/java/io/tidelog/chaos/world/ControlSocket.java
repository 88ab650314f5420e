package io.tidelog.chaos.world;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Takes words of other processes of the same user through a socket in the file system: a line to
 * do, an answer of lines whose first is {@code ok} or {@code error}. One at a time.
 */
public final class ControlSocket implements Closeable {

  private static final String OK = "ok";
  private static final String ERROR = "error";

  /** Does what a line says. */
  public interface Handler {

    /**
     * @return lines for whoever asked
     * @throws IOException when it cannot be done, with the reason
     */
    String handle(String line) throws IOException;
  }

  private final ServerSocketChannel listener;
  private final Path path;
  private final Handler handler;

  private ControlSocket(ServerSocketChannel listener, Path path, Handler handler) {
    this.listener = listener;
    this.path = path;
    this.handler = handler;
  }

  public static ControlSocket start(Path path, Handler handler) throws IOException {
    Files.deleteIfExists(path);
    var socket = new ControlSocket(Relay.listen(UnixDomainSocketAddress.of(path)), path, handler);
    Thread.ofPlatform().daemon().name("control").start(socket::serve);
    return socket;
  }

  private void serve() {
    while (listener.isOpen()) {
      try (var connection = listener.accept();
          var in = reader(connection);
          var out = writer(connection)) {
        var line = in.readLine();
        if (line != null) {
          out.print(answer(line));
          out.flush();
        }
      } catch (IOException e) {
        // It was closed, or whoever asked is gone.
      }
    }
  }

  private String answer(String line) {
    try {
      return OK + "\n" + handler.handle(line);
    } catch (IOException e) {
      return ERROR + "\n" + e.getMessage() + "\n";
    }
  }

  /**
   * Says a line to whoever listens there.
   *
   * @throws IOException when nobody does, or what was asked cannot be done
   */
  public static String ask(Path path, String line) throws IOException {
    try (var connection = SocketChannel.open(UnixDomainSocketAddress.of(path));
        var out = writer(connection);
        var in = reader(connection)) {
      out.println(line);
      var isFine = OK.equals(in.readLine());
      var answer = new StringBuilder();
      for (var next = in.readLine(); next != null; next = in.readLine()) {
        answer.append(next).append('\n');
      }
      if (!isFine) {
        throw new IOException(answer.toString().strip());
      }
      return answer.toString();
    }
  }

  private static BufferedReader reader(SocketChannel connection) {
    return new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
  }

  private static PrintWriter writer(SocketChannel connection) {
    return new PrintWriter(Channels.newWriter(connection, StandardCharsets.UTF_8), true);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(path);
  }
}
