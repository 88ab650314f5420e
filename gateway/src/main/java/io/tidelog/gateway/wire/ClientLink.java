package io.tidelog.gateway.wire;

import io.tidelog.core.Lane;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection, as those see it who keep something for as long as it is open. Everything
 * is called on its lane.
 */
public interface ClientLink {

  ClientPeer peer();

  /** What the client says it runs (KIP-511), empty when it does not. */
  String softwareName();

  String softwareVersion();

  /** The event loop of this connection. */
  Lane lane();

  /** What was attached of this kind, or null. */
  <T extends AutoCloseable> @Nullable T find(Class<T> kind);

  /**
   * What is attached of this kind, made now if there is none; closed when the connection is. On a
   * connection that is closed already it is closed at once.
   */
  <T extends AutoCloseable> T attached(Class<T> kind, Supplier<T> make);

  /**
   * Begins a connection to another node, on this connection's lane; the caller closes it.
   *
   * @param target where to, and from when on it is given up
   */
  NodePipe dial(PipeTarget target);

  /**
   * The requests to come are not the sender's own: it passes on those of this client.
   *
   * @see Introduction
   */
  void onIntroduced(Introduction client);

  /** Whether {@link #onIntroduced} was called. */
  boolean isIntroduced();
}
