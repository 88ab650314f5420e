package io.tidelog.chaos.world;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Passes the bytes of every connection made to one address on to another. A socket in the file
 * system joins two network namespaces that share nothing else.
 */
public final class Relay implements Closeable {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final ServerSocketChannel listener;
  private final SocketAddress target;

  private Relay(ServerSocketChannel listener, SocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  /**
   * @throws IOException when the address is taken
   */
  public static Relay start(SocketAddress from, SocketAddress to) throws IOException {
    var relay = new Relay(listen(from), to);
    Thread.startVirtualThread(relay::acceptUntilClosed);
    return relay;
  }

  static ServerSocketChannel listen(SocketAddress address) throws IOException {
    var listener = open(address);
    try {
      listener.bind(address);
    } catch (IOException e) {
      listener.close();
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    return listener;
  }

  private static ServerSocketChannel open(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        : ServerSocketChannel.open();
  }

  private void acceptUntilClosed() {
    while (listener.isOpen()) {
      try {
        var client = listener.accept();
        Thread.startVirtualThread(() -> pass(client));
      } catch (IOException e) {
        // It was closed.
      }
    }
  }

  private void pass(SocketChannel client) {
    try (client;
        var server = SocketChannel.open(target)) {
      noDelay(client);
      noDelay(server);
      var back = Thread.startVirtualThread(() -> copy(server, client));
      copy(client, server);
      back.join();
    } catch (IOException refused) {
      // The client sees its connection end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void noDelay(SocketChannel channel) throws IOException {
    if (channel.getLocalAddress() instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  /** When one end is done, both are: no Kafka client goes on after the other half was closed. */
  private static void copy(SocketChannel from, SocketChannel to) {
    var buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (from;
        to) {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException ended) {
      // By either end.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
