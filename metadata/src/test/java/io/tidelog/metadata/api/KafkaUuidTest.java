package io.tidelog.metadata.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class KafkaUuidTest {

  @Test
  void anIdReadsAsKafkaWritesIt() {
    var random = new Random(11);
    for (int i = 0; i < 1000; i++) {
      var id = KafkaUuid.random(random);
      var kafka = new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
      assertThat(KafkaUuid.toText(id)).isEqualTo(kafka.toString()).doesNotStartWith("-");
      assertThat(KafkaUuid.parse(kafka.toString())).isEqualTo(id);
      assertThat(id.version()).isEqualTo(4);
      assertThat(Uuid.RESERVED).doesNotContain(kafka);
    }
  }
}
