package io.tidelog.testkit.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a server on loopback and passes bytes until a test cuts a connection,
 * holds its bytes back, or refuses new ones. Safe for use by several threads.
 */
public final class TcpProxy implements AutoCloseable {

  private static final int BUFFER_BYTES = 16 * 1024;

  private final InetSocketAddress target;
  private final ServerSocket listener;
  private final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Predicate<byte[]>> trap = new AtomicReference<>();
  private volatile boolean refusing;

  private TcpProxy(InetSocketAddress target, ServerSocket listener) {
    this.target = target;
    this.listener = listener;
  }

  /** Starts a proxy on a free port of loopback. */
  public static TcpProxy to(InetSocketAddress target) throws IOException {
    var proxy = new TcpProxy(target, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread.startVirtualThread(proxy::acceptUntilClosed);
    return proxy;
  }

  /** Where clients connect, as {@code host:port}. */
  public String endpoint() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** Ends every connection there is; new ones pass. */
  public void cut() {
    connections.forEach(Connection::end);
  }

  /** Ends every connection there is and every new one, until {@link #accept}. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Lets new connections pass again. */
  public void accept() {
    refusing = false;
  }

  /**
   * Holds back every byte of the connections there are, in both directions, as when the other end
   * has vanished; new connections pass.
   */
  public void hold() {
    connections.forEach(connection -> connection.setHeld(true));
  }

  /** Lets go on, in order, what was held back. */
  public void release() {
    connections.forEach(connection -> connection.setHeld(false));
  }

  /** Ends a connection, once, right after the first bytes of a server that are {@code caught}. */
  public void cutAfterServerSent(Predicate<byte[]> caught) {
    trap.set(caught);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  private void acceptUntilClosed() {
    while (!listener.isClosed()) {
      try {
        var client = listener.accept();
        if (refusing) {
          client.close();
        } else {
          pass(client);
        }
      } catch (IOException e) {
        // The listener was closed, or the server takes no connection: the client sees its own end.
      }
    }
  }

  private void pass(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(target.getAddress(), target.getPort());
    } catch (IOException e) {
      client.close();
      throw e;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    var connection = new Connection(client, server);
    connections.add(connection);
    Thread.startVirtualThread(connection::passFromClient);
    Thread.startVirtualThread(connection::passFromServer);
  }

  private boolean isCaught(byte[] sent) {
    var caught = trap.get();
    return caught != null && caught.test(sent) && trap.compareAndSet(caught, null);
  }

  private final class Connection {

    private final Socket client;
    private final Socket server;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private boolean held;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void passFromClient() {
      try {
        var in = client.getInputStream();
        var out = server.getOutputStream();
        for (var bytes = read(in); bytes.length > 0; bytes = read(in)) {
          write(out, bytes);
        }
      } catch (IOException ended) {
        // As every failure here: by either end, or by the test.
      } finally {
        end();
      }
    }

    void passFromServer() {
      try {
        var in = server.getInputStream();
        var out = client.getOutputStream();
        for (var bytes = read(in); bytes.length > 0; bytes = read(in)) {
          write(out, bytes);
          if (isCaught(bytes)) {
            // The client reads all of it before it sees the end.
            client.shutdownOutput();
            return;
          }
        }
        end();
      } catch (IOException ended) {
        end();
      }
    }

    private byte[] read(InputStream in) throws IOException {
      var buffer = new byte[BUFFER_BYTES];
      int count = in.read(buffer);
      return Arrays.copyOf(buffer, Math.max(count, 0));
    }

    private void write(OutputStream out, byte[] bytes) throws IOException {
      lock.lock();
      try {
        while (held) {
          released.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
      out.write(bytes);
      out.flush();
    }

    void setHeld(boolean held) {
      lock.lock();
      try {
        this.held = held;
        released.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void end() {
      connections.remove(this);
      setHeld(false);
      for (var socket : new Socket[] {client, server}) {
        try {
          socket.close();
        } catch (IOException e) {
          // Closed all the same.
        }
      }
    }
  }
}
