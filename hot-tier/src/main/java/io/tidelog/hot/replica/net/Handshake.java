package io.tidelog.hot.replica.net;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What two nodes say before the first frame. Its layout stays as it is in every version of the
 * protocol, so that nodes of any two versions can tell one another that they do not fit.
 */
final class Handshake {

  /** {@code TDLR}. */
  static final int MAGIC = 0x54444c52;

  static final int HELLO_BYTES = 36;
  static final int ANSWER_BYTES = 16;

  private Handshake() {}

  /** Why a node does not speak with another; numbers are never used again. */
  enum Refusal {
    OTHER_CLUSTER(1, "it belongs to another cluster"),
    OTHER_NODE(2, "it means to reach a node with another id"),
    NO_COMMON_VERSION(3, "the nodes have no version of the protocol in common"),
    SAME_NODE(4, "it has the id of the node it means to reach");

    private final int code;
    private final String reason;

    Refusal(int code, String reason) {
      this.code = code;
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  /**
   * From the one that connects.
   *
   * @param to the node it means to reach
   */
  record Hello(int lowestVersion, int highestVersion, UUID clusterId, int from, int to) {

    ByteBuffer encode() {
      var out = ByteBuffer.allocate(HELLO_BYTES).putInt(MAGIC);
      out.putShort((short) lowestVersion).putShort((short) highestVersion);
      ReplicaCodec.putUuid(out, clusterId);
      out.putInt(from).putInt(to);
      return sealed(out);
    }

    /**
     * @param in {@link #HELLO_BYTES} bytes, taken off it
     */
    static Hello decode(ByteBuffer in) throws BadFrameException {
      checkSeal(in, HELLO_BYTES);
      in.getInt();
      int lowest = Short.toUnsignedInt(in.getShort());
      int highest = Short.toUnsignedInt(in.getShort());
      var hello = new Hello(lowest, highest, ReplicaCodec.readUuid(in), in.getInt(), in.getInt());
      in.getInt();
      return hello;
    }

    /** Null when they may speak. */
    @Nullable Refusal refusal(ReplicaIdentity self) {
      if (!clusterId.equals(self.clusterId())) {
        return Refusal.OTHER_CLUSTER;
      }
      if (to != self.nodeId()) {
        return Refusal.OTHER_NODE;
      }
      if (from == self.nodeId()) {
        return Refusal.SAME_NODE;
      }
      boolean isKnown =
          lowestVersion <= ReplicaFormat.VERSION && highestVersion >= ReplicaFormat.LOWEST_VERSION;
      return isKnown ? null : Refusal.NO_COMMON_VERSION;
    }

    /** The highest version that both speak, if they may speak. */
    int commonVersion() {
      return Math.min(highestVersion, ReplicaFormat.VERSION);
    }
  }

  /**
   * From the one that was reached.
   *
   * @param refusal empty when frames may follow
   * @param version of the frames to come; of the answerer when it refuses
   */
  record Answer(Optional<Refusal> refusal, int version, int nodeId) {

    ByteBuffer encode() {
      var out = ByteBuffer.allocate(ANSWER_BYTES).putInt(MAGIC);
      out.putShort((short) (int) refusal.map(why -> why.code).orElse(0));
      out.putShort((short) version).putInt(nodeId);
      return sealed(out);
    }

    /**
     * @param in {@link #ANSWER_BYTES} bytes, taken off it
     */
    static Answer decode(ByteBuffer in) throws BadFrameException {
      checkSeal(in, ANSWER_BYTES);
      in.getInt();
      int code = in.getShort();
      int version = Short.toUnsignedInt(in.getShort());
      int nodeId = in.getInt();
      in.getInt();
      var refusal = Arrays.stream(Refusal.values()).filter(why -> why.code == code).findAny();
      if (code != 0 && refusal.isEmpty()) {
        throw new BadFrameException("refused for a reason unknown here, number " + code);
      }
      return new Answer(refusal, version, nodeId);
    }
  }

  private static ByteBuffer sealed(ByteBuffer out) {
    var crc = new CRC32C();
    crc.update(out.array(), 0, out.position());
    return out.putInt((int) crc.getValue()).flip();
  }

  private static void checkSeal(ByteBuffer in, int bytes) throws BadFrameException {
    int start = in.position();
    if (in.getInt(start) != MAGIC) {
      throw new BadFrameException("it does not speak this protocol");
    }
    var crc = new CRC32C();
    crc.update(in.slice(start, bytes - Integer.BYTES));
    if (in.getInt(start + bytes - Integer.BYTES) != (int) crc.getValue()) {
      throw new BadFrameException("handshake with a wrong checksum");
    }
  }
}
