package io.tidelog.gateway.handler;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topic ids between our words and Kafka's. */
public final class KafkaIds {

  private KafkaIds() {}

  public static Uuid kafka(UUID id) {
    return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  public static UUID ours(Uuid id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }
}
