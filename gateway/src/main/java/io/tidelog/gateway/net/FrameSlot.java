package io.tidelog.gateway.net;

import io.netty.buffer.ByteBuf;
import io.tidelog.core.Lane;
import io.tidelog.gateway.wire.ReplySlot;
import io.tidelog.gateway.wire.ResponseEncoder;
import org.jspecify.annotations.Nullable;

/** A frame of one connection and its place among the answers, on that connection's event loop. */
final class FrameSlot implements ReplySlot {

  private final ClientConnection connection;
  private final ResponseOrderer.Place place;
  private final int sizeBytes;
  private final long receivedNs;
  private @Nullable ByteBuf frame;
  private @Nullable Runnable closeTask;

  /** Who still needs the frame's memory: the answer, and whoever was given it to keep. */
  private int holds = 1;

  /** Takes the frame. */
  FrameSlot(
      ClientConnection connection, ResponseOrderer.Place place, ByteBuf frame, long receivedNs) {
    this.connection = connection;
    this.place = place;
    this.sizeBytes = frame.readableBytes();
    this.receivedNs = receivedNs;
    this.frame = frame;
  }

  @Override
  public Lane lane() {
    return connection.lane();
  }

  @Override
  public boolean inLane() {
    return connection.inEventLoop();
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public int sizeBytes() {
    return sizeBytes;
  }

  @Override
  public long receivedNs() {
    return receivedNs;
  }

  @Override
  public void onClosed(Runnable task) {
    closeTask = task;
    if (connection.isEnding()) {
      onConnectionClosed();
    }
  }

  @Override
  public Runnable keepMemory() {
    holds++;
    return this::letGo;
  }

  @Override
  public void send(ResponseEncoder response) {
    finish(EncodedResponse.encode(response, connection.allocator()));
  }

  @Override
  public void sendNothing() {
    finish(null);
  }

  @Override
  public void disconnect(String reason) {
    connection.refuse(reason);
    finish(null);
  }

  /** The request keeps no view of its frame. */
  void releaseFrame() {
    if (frame != null) {
      frame.release();
      frame = null;
    }
  }

  /** The connection closed before the answer. */
  void onConnectionClosed() {
    var task = closeTask;
    closeTask = null;
    if (task != null) {
      task.run();
    }
  }

  private void finish(@Nullable EncodedResponse response) {
    closeTask = null;
    connection.onAnswered(this, place, response);
    letGo();
  }

  private void letGo() {
    holds--;
    if (holds == 0) {
      releaseFrame();
      connection.onMemoryGivenBack(sizeBytes);
    } else if (holds < 0) {
      throw new IllegalStateException("a frame's memory was given back twice");
    }
  }
}
