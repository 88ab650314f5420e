package io.tidelog.app.oracle;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** One blocking connection that sends any request, also one no client would send. */
final class RawConnection implements AutoCloseable {

  private static final int TIMEOUT_MS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private int nextCorrelationId = 1;

  RawConnection(int port) {
    try {
      socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
      socket.setSoTimeout(TIMEOUT_MS);
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends and waits for the answer of the type the caller expects. */
  <T extends AbstractResponse> T ask(AbstractRequest request, Class<T> type) {
    var header =
        new RequestHeader(request.apiKey(), request.version(), "oracle", nextCorrelationId++);
    try {
      send(request.serializeWithHeader(header));
      return type.cast(AbstractResponse.parseResponse(receive(), header));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** True when the other side closes the connection instead of answering these bytes. */
  boolean closesOn(ByteBuffer frame) {
    try {
      send(frame);
      return in.read() < 0;
    } catch (IOException closed) {
      return true;
    }
  }

  private void send(ByteBuffer body) throws IOException {
    var frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
    frame.putInt(body.remaining()).put(body);
    out.write(frame.array());
    out.flush();
  }

  private ByteBuffer receive() throws IOException {
    var body = new byte[in.readInt()];
    in.readFully(body);
    return ByteBuffer.wrap(body);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
