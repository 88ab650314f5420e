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
 * Passes the bytes of every connection made to one address on to another, as far as its {@link
 * Wire} lets them. A socket in the file system joins two network namespaces that share nothing
 * else.
 */
public final class Relay implements Closeable {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final ServerSocketChannel listener;
  private final SocketAddress target;
  private final Wiring wiring;

  /** Finds out between whom a connection is. */
  interface Wiring {
    Wire of(SocketChannel client) throws IOException;
  }

  private Relay(ServerSocketChannel listener, SocketAddress target, Wiring wiring) {
    this.listener = listener;
    this.target = target;
    this.wiring = wiring;
  }

  /**
   * @throws IOException when the address is taken
   */
  public static Relay start(SocketAddress from, SocketAddress to) throws IOException {
    return start(from, to, client -> Wire.whole());
  }

  /**
   * @param wiring asked about every connection
   * @throws IOException when the address is taken
   */
  static Relay start(SocketAddress from, SocketAddress to, Wiring wiring) throws IOException {
    var relay = new Relay(listen(from), to, wiring);
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
    try (client) {
      var wire = wiring.of(client);
      if (wire.isWhole()) {
        pass(client, wire);
      } else {
        // What it was sent would never have left its sender.
        wire.awaitWhole();
      }
    } catch (IOException refused) {
      // The client sees its connection end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pass(SocketChannel client, Wire wire) throws IOException, InterruptedException {
    try (var server = SocketChannel.open(target)) {
      noDelay(client);
      noDelay(server);
      var back =
          Thread.startVirtualThread(
              () -> copy(server, client, new Wire(wire.back(), wire.there())));
      copy(client, server, wire);
      back.join();
    }
  }

  private static void noDelay(SocketChannel channel) throws IOException {
    if (channel.getLocalAddress() instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  /**
   * When one end is done, both are: no Kafka client goes on after the other half was closed. That
   * it is done goes the way its bytes would.
   */
  private static void copy(SocketChannel from, SocketChannel to, Wire wire) {
    var buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (from;
        to) {
      while (isRead(from, buffer)) {
        wire.there().awaitOpen();
        if (!isWritten(to, buffer.flip())) {
          wire.back().awaitOpen();
          return;
        }
        buffer.clear();
      }
      wire.there().awaitOpen();
    } catch (IOException ended) {
      // Nobody is left to be told.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isRead(SocketChannel from, ByteBuffer buffer) {
    try {
      return from.read(buffer) >= 0;
    } catch (IOException ended) {
      return false;
    }
  }

  private static boolean isWritten(SocketChannel to, ByteBuffer buffer) {
    try {
      while (buffer.hasRemaining()) {
        to.write(buffer);
      }
      return true;
    } catch (IOException ended) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
