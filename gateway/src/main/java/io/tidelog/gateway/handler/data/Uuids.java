package io.tidelog.gateway.handler.data;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topic ids as the protocol writes them and as we do. */
final class Uuids {

  private Uuids() {}

  static UUID ours(Uuid id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  static Uuid kafkas(UUID id) {
    return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }
}
