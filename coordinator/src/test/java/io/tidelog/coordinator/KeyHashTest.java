package io.tidelog.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyHashTest {

  /** The reference vectors of SipHash-2-4 with 128 bits: key 00 to 0f, input 00, 01, … */
  @ParameterizedTest
  @CsvSource({
    "0, a3817f04ba25a8e66df67214c7550293",
    "1, da87c1d86b99af44347659119b22fc45",
    "2, 8177228da4a45dc7fca38bdef60affe4"
  })
  void agreesWithTheReference(int length, String expected) {
    var input = ByteBuffer.allocate(length + 3).position(3);
    for (int i = 0; i < length; i++) {
      input.put((byte) i);
    }
    var secret = new KeyHash.Secret(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    var hash = KeyHash.of(input.position(3), secret);

    assertThat(hexOf(hash)).isEqualTo(expected);
  }

  private static String hexOf(KeyHash hash) {
    var bytes =
        ByteBuffer.allocate(16)
            .putLong(Long.reverseBytes(hash.first()))
            .putLong(Long.reverseBytes(hash.second()));
    return HexFormat.of().formatHex(bytes.array());
  }
}
