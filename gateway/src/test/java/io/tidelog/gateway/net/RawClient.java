package io.tidelog.gateway.net;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** Speaks the protocol byte by byte, well or badly. */
final class RawClient implements AutoCloseable {

  private static final int TIMEOUT_MS = 10_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;

  RawClient(String host, int port) throws IOException {
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void sendFrame(byte[] frame) throws IOException {
    send(framed(frame));
  }

  /** Sends a request that is well formed, whether or not the server knows its version. */
  RequestHeader send(AbstractRequest request, int correlationId) throws IOException {
    var header = new RequestHeader(request.apiKey(), request.version(), "raw", correlationId);
    sendFrame(bytes(request.serializeWithHeader(header)));
    return header;
  }

  RequestHeader sendApiVersions(int correlationId) throws IOException {
    return send(apiVersions(), correlationId);
  }

  ApiVersionsResponse readApiVersions(RequestHeader header) throws IOException {
    return (ApiVersionsResponse) read(header);
  }

  /** Sends nothing more, but still reads. */
  void endInput() throws IOException {
    socket.shutdownOutput();
  }

  AbstractResponse read(RequestHeader header) throws IOException {
    return AbstractResponse.parseResponse(ByteBuffer.wrap(readFrame()), header);
  }

  byte[] readFrame() throws IOException {
    return in.readNBytes(in.readInt());
  }

  /** True when the server closes without another byte; fails when it neither sends nor closes. */
  boolean isClosedByServer() throws IOException {
    try {
      return in.read() == -1;
    } catch (SocketException | EOFException e) {
      return true;
    }
  }

  static ApiVersionsRequest apiVersions() {
    return new ApiVersionsRequest(
        new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1"),
        ApiKeys.API_VERSIONS.latestVersion(false));
  }

  static byte[] framed(byte[] frame) {
    return ByteBuffer.allocate(Integer.BYTES + frame.length)
        .putInt(frame.length)
        .put(frame)
        .array();
  }

  static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
