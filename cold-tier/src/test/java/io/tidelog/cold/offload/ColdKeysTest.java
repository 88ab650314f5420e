package io.tidelog.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ColdKeysTest {

  private static final LogId LOG = new LogId(new UUID(1, 2));

  private final ColdKeys keys = new ColdKeys("", "c", new SplittableRandom(1));

  @Test
  void aKeyTellsItsTermAndSortsByPosition() {
    String key = keys.newKey(LOG, 12, 34);
    assertThat(key).startsWith("c/" + LOG + "/12-00000000000000000034-");
    assertThat(keys.term(LOG, key)).hasValue(12);
    assertThat(keys.newKey(LOG, 12, 34)).isNotEqualTo(key);
    assertThat(keys.newKey(LOG, 12, Long.MAX_VALUE)).isGreaterThan(key);
  }

  @Test
  void whatIsNotNamedAsOursHasNoTerm() {
    String prefix = keys.logPrefix(LOG);
    assertThat(keys.term(LOG, prefix + "notes.txt")).isEmpty();
    assertThat(
            keys.term(
                LOG, prefix + "9999999999999999999-00000000000000000034-0123456789abcdef.tl0"))
        .isEmpty();
    assertThat(keys.term(LOG, "d/" + keys.newKey(LOG, 1, 1))).isEmpty();
    assertThat(keys.term(new LogId(new UUID(1, 3)), keys.newKey(LOG, 1, 1))).isEmpty();
  }
}
