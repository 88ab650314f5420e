package io.tidelog.gateway.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A port that passes on to another one of this machine, until the connections are cut. */
final class CuttableLink implements AutoCloseable {

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final int target;
  private boolean frozen;

  CuttableLink(int target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Ends every connection; new ones can be made. */
  void cut() {
    for (var socket : sockets) {
      close(socket);
    }
    sockets.clear();
  }

  /** From now on nothing passes in either direction, and nobody is told; or it passes again. */
  void freeze(boolean on) {
    lock.lock();
    frozen = on;
    changed.signalAll();
    lock.unlock();
  }

  @Override
  public void close() {
    freeze(false);
    cut();
    try {
      server.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void accept() {
    try {
      while (true) {
        var near = server.accept();
        var far = new Socket(InetAddress.getLoopbackAddress(), target);
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().start(() -> pump(near, far));
        Thread.ofVirtual().start(() -> pump(far, near));
      }
    } catch (IOException e) {
      cut(); // closed
    }
  }

  private void pump(Socket from, Socket to) {
    var buffer = new byte[65_536];
    try {
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        awaitThaw();
        to.getOutputStream().write(buffer, 0, read);
      }
    } catch (IOException e) {
      // The end of it, as the other direction learns below.
    }
    close(from);
    close(to);
  }

  private void awaitThaw() {
    lock.lock();
    try {
      while (frozen) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
