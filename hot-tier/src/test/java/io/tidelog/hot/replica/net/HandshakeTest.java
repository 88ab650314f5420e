package io.tidelog.hot.replica.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidelog.hot.replica.net.Handshake.Answer;
import io.tidelog.hot.replica.net.Handshake.Hello;
import io.tidelog.hot.replica.net.Handshake.Refusal;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HandshakeTest {

  private static final UUID CLUSTER = new UUID(7, 8);
  private static final ReplicaIdentity SELF = new ReplicaIdentity(CLUSTER, 2);

  @Test
  void bothSidesAreReadAsTheyWereWritten() throws BadFrameException {
    var hello = new Hello(1, 3, CLUSTER, 1, 2);
    assertThat(hello.encode().remaining()).isEqualTo(Handshake.HELLO_BYTES);
    assertThat(Hello.decode(hello.encode())).isEqualTo(hello);
    for (var refusal : Refusal.values()) {
      var answer = new Answer(Optional.of(refusal), 1, 2);
      assertThat(answer.encode().remaining()).isEqualTo(Handshake.ANSWER_BYTES);
      assertThat(Answer.decode(answer.encode())).isEqualTo(answer);
    }
    var yes = new Answer(Optional.empty(), 1, 2);
    assertThat(Answer.decode(yes.encode())).isEqualTo(yes);
  }

  @Test
  void nodesThatFitSpeak() {
    assertThat(new Hello(1, 1, CLUSTER, 1, 2).refusal(SELF)).isNull();
    assertThat(new Hello(0, 9, CLUSTER, 1, 2).refusal(SELF)).isNull();
  }

  @Test
  void nodesThatDoNotFitAreToldWhy() {
    assertThat(new Hello(1, 1, new UUID(7, 9), 1, 2).refusal(SELF))
        .isEqualTo(Refusal.OTHER_CLUSTER);
    assertThat(new Hello(1, 1, CLUSTER, 1, 3).refusal(SELF)).isEqualTo(Refusal.OTHER_NODE);
    assertThat(new Hello(1, 1, CLUSTER, 2, 2).refusal(SELF)).isEqualTo(Refusal.SAME_NODE);
    assertThat(new Hello(3, 9, CLUSTER, 1, 2).refusal(SELF)).isEqualTo(Refusal.NO_COMMON_VERSION);
  }

  @Test
  void anythingElseIsNoHandshake() {
    var other = new Hello(1, 1, CLUSTER, 1, 2).encode().putInt(0, 0x16030100);
    assertThatExceptionOfType(BadFrameException.class)
        .isThrownBy(() -> Hello.decode(other))
        .withMessage("it does not speak this protocol");
    for (int at = 4; at < Handshake.HELLO_BYTES; at++) {
      var damaged = new Hello(1, 1, CLUSTER, 1, 2).encode();
      damaged.put(at, (byte) (damaged.get(at) ^ 4));
      assertThatExceptionOfType(BadFrameException.class).isThrownBy(() -> Hello.decode(damaged));
    }
  }
}
