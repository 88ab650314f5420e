package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClosedConnectionLogTest {

  @Test
  void aClientCannotForgeLinesOrColours() {
    assertThat(ClosedConnectionLog.printable("a\n2026 ERROR \u001b[31m\"x\" é"))
        .isEqualTo("a\\u000a2026 ERROR \\u001b[31m\\u0022x\\u0022 \\u00e9");
  }

  @Test
  void aLongReasonIsCut() {
    assertThat(ClosedConnectionLog.printable("x".repeat(10_000)))
        .hasSize(ClosedConnectionLog.MAX_REASON_CHARS + 3);
  }
}
