package io.tidelog.metadata.api;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Ids as Kafka writes them: 22 characters of URL-safe base64 without padding. */
public final class KafkaUuid {

  private KafkaUuid() {}

  public static String toText(UUID id) {
    var bytes = ByteBuffer.allocate(2 * Long.BYTES);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /**
   * @throws IllegalArgumentException when it is none
   */
  public static UUID parse(String text) {
    var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
    if (bytes.remaining() != 2 * Long.BYTES) {
      throw new IllegalArgumentException(text + " is no id");
    }
    return new UUID(bytes.getLong(), bytes.getLong());
  }

  /**
   * A version 4 UUID that Kafka could have made: none of its reserved ids, and its text does not
   * begin with a dash, which command lines take for an option.
   */
  public static UUID random(RandomGenerator random) {
    while (true) {
      long most = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
      long least = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
      var id = new UUID(most, least);
      if (!toText(id).startsWith("-")) {
        return id;
      }
    }
  }
}
