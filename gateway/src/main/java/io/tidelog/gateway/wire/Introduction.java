package io.tidelog.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.gateway.ListenerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.jspecify.annotations.Nullable;

/**
 * Tells a node whose requests come over a connection: the first request on it is an ApiVersions
 * that names the cluster and node meant and, in a tagged field, the client; see {@code
 * docs/formats/forwarding.md}.
 *
 * @param listener where the client came in, as it was told
 */
public record Introduction(
    ListenerAddress listener,
    InetSocketAddress client,
    String softwareName,
    String softwareVersion) {

  /** Of ApiVersions: the first with a cluster and a node. */
  public static final short VERSION = 5;

  /** Of the tagged field; far above those that Kafka gives out. */
  static final int TAG = 10_000;

  private static final byte FORMAT = 1;

  /** The request that introduces this client to a node. */
  public OutgoingRequest request(String clusterId, int nodeId, String clientId) {
    var body =
        new ApiVersionsRequestData()
            .setClientSoftwareName(softwareName)
            .setClientSoftwareVersion(softwareVersion)
            .setClusterId(clusterId)
            .setNodeId(nodeId);
    body.unknownTaggedFields().add(new RawTaggedField(TAG, encode()));
    return new OutgoingRequest(ApiKeys.API_VERSIONS, VERSION, clientId, body, () -> {});
  }

  /** Reads it from such a request; null when it is none, or one that cannot be understood. */
  public static @Nullable Introduction of(ApiVersionsRequestData body) {
    return body.unknownTaggedFields().stream()
        .filter(field -> field.tag() == TAG)
        .findFirst()
        .map(field -> decode(field, body))
        .orElse(null);
  }

  private byte[] encode() {
    var texts =
        List.of(listener.name().getBytes(UTF_8), listener.host().getBytes(UTF_8), address());
    var bytes = ByteBuffer.allocate(9 + texts.stream().mapToInt(text -> 2 + text.length).sum());
    bytes.put(FORMAT);
    texts.forEach(text -> bytes.putShort((short) text.length).put(text));
    return bytes.putInt(listener.port()).putInt(client.getPort()).array();
  }

  private byte[] address() {
    return client.getAddress().getAddress();
  }

  private static @Nullable Introduction decode(RawTaggedField field, ApiVersionsRequestData body) {
    var bytes = ByteBuffer.wrap(field.data());
    try {
      if (bytes.get() != FORMAT) {
        return null;
      }
      var name = new String(text(bytes), UTF_8);
      var host = new String(text(bytes), UTF_8);
      var address = InetAddress.getByAddress(text(bytes));
      return new Introduction(
          new ListenerAddress(name, host, bytes.getInt()),
          new InetSocketAddress(address, bytes.getInt()),
          body.clientSoftwareName(),
          body.clientSoftwareVersion());
    } catch (BufferUnderflowException | UnknownHostException | IllegalArgumentException e) {
      return null;
    }
  }

  private static byte[] text(ByteBuffer bytes) {
    int length = bytes.getShort();
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    var text = new byte[length];
    bytes.get(text);
    return text;
  }
}
