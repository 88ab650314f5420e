package io.tidelog.gateway.fake;

import io.tidelog.core.Lane;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.wire.ClientLink;
import io.tidelog.gateway.wire.ClientPeer;
import io.tidelog.gateway.wire.Introduction;
import io.tidelog.gateway.wire.NodePipe;
import io.tidelog.gateway.wire.PipeTarget;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection that reaches nobody, and to which things can be attached. */
public final class FakeLink implements ClientLink {

  private final Lane lane;
  private final Map<Class<?>, AutoCloseable> attachments = new HashMap<>();

  public FakeLink(Lane lane) {
    this.lane = lane;
  }

  @Override
  public ClientPeer peer() {
    return new ClientPeer(
        1,
        new ListenerAddress("PLAINTEXT", "localhost", 9092),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
  }

  @Override
  public String softwareName() {
    return "fake";
  }

  @Override
  public String softwareVersion() {
    return "1";
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public <T extends AutoCloseable> @Nullable T find(Class<T> kind) {
    return kind.cast(attachments.get(kind));
  }

  @Override
  public <T extends AutoCloseable> T attached(Class<T> kind, Supplier<T> make) {
    return kind.cast(attachments.computeIfAbsent(kind, _ -> make.get()));
  }

  @Override
  public NodePipe dial(PipeTarget target) {
    throw new UnsupportedOperationException("nobody is reached from here");
  }

  @Override
  public void onIntroduced(Introduction client) {
    throw new UnsupportedOperationException("nobody is introduced here");
  }

  @Override
  public boolean isIntroduced() {
    return false;
  }
}
