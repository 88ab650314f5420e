package io.tidelog.hot.replica.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on, until they are reset on both sides. */
final class CuttingProxy implements AutoCloseable {

  private static final int READ_BYTES = 8_192;

  private final ServerSocket server;
  private final int targetPort;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytesLeft = new AtomicLong(Long.MAX_VALUE);

  CuttingProxy(int targetPort) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.targetPort = targetPort;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Resets everything once so many bytes were passed on to the target. */
  void cutAfter(long bytes) {
    bytesLeft.set(bytes);
  }

  /** As the kernel does for a process that was killed. */
  void reset() {
    for (var socket = sockets.poll(); socket != null; socket = sockets.poll()) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void accept() {
    try {
      while (true) {
        var client = server.accept();
        var target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
        // Closing is a reset from now on.
        client.setSoLinger(true, 0);
        target.setSoLinger(true, 0);
        sockets.add(client);
        sockets.add(target);
        Thread.ofVirtual().start(() -> pass(client, target, true));
        Thread.ofVirtual().start(() -> pass(target, client, false));
      }
    } catch (IOException _) {
      reset(); // closed
    }
  }

  private void pass(Socket from, Socket to, boolean isCounted) {
    var buffer = new byte[READ_BYTES];
    try (from;
        to) {
      int bytes = from.getInputStream().read(buffer);
      while (bytes >= 0) {
        long left = isCounted ? bytesLeft.addAndGet(-bytes) : 0;
        to.getOutputStream().write(buffer, 0, (int) Math.max(0, bytes + Math.min(0, left)));
        if (left < 0) {
          bytesLeft.set(Long.MAX_VALUE);
          reset();
          return;
        }
        bytes = from.getInputStream().read(buffer);
      }
    } catch (IOException _) {
      // The other direction was closed, or all was reset.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    reset();
  }
}
