package io.tidelog.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Stands between clients and a node. Once {@link #shut} returns, clients hear nothing more of the
 * node, whatever it says: so all they have heard was said before.
 */
final class NodeGate implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 << 10;

  private final ServerSocket door;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Held for reading while something is told to a client. */
  private final ReentrantReadWriteLock telling = new ReentrantReadWriteLock();

  /** The node's port, or 0 while the gate is shut. */
  private volatile int port;

  NodeGate() throws IOException {
    this.door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("gate").start(this::accept);
  }

  /** Where clients find the node; shut until {@link #open}. */
  String bootstrap() {
    return "localhost:" + door.getLocalPort();
  }

  void open(int nodePort) {
    port = nodePort;
  }

  /** Cuts every connection and takes no new one. */
  void shut() {
    telling.writeLock().lock();
    try {
      port = 0;
    } finally {
      telling.writeLock().unlock();
    }
    closeAll();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        var client = door.accept();
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    int nodePort = port;
    sockets.add(client);
    try (client;
        var node = new Socket(InetAddress.getLoopbackAddress(), nodePort)) {
      client.setTcpNoDelay(true);
      node.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> ask(client, node));
      tell(node, client, nodePort);
    } catch (IOException cutOrNobodyThere) {
      // The client is let go of, and tries again.
      return;
    } finally {
      sockets.remove(client);
    }
  }

  private static void ask(Socket client, Socket node) {
    try {
      client.getInputStream().transferTo(node.getOutputStream());
      node.shutdownOutput();
    } catch (IOException cut) {
      // The other direction ends as well.
      return;
    }
  }

  private void tell(Socket node, Socket client, int nodePort) throws IOException {
    var buffer = new byte[BUFFER_BYTES];
    int length;
    while ((length = node.getInputStream().read(buffer)) >= 0) {
      telling.readLock().lock();
      try {
        if (port != nodePort) {
          return;
        }
        client.getOutputStream().write(buffer, 0, length);
      } finally {
        telling.readLock().unlock();
      }
    }
  }

  private void closeAll() {
    for (var socket : sockets) {
      try {
        socket.close();
      } catch (IOException gone) {
        continue;
      }
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    closeAll();
  }
}
