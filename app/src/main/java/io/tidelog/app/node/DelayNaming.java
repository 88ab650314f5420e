package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.delay.DelayNamingConfig;
import io.tidelog.delay.DelayTopicName;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The delay in ms that a new topic's name asks for; names that nearly do are logged. */
final class DelayNaming implements Function<String, Optional<Long>> {

  private static final Logger LOG = LoggerFactory.getLogger(DelayNaming.class);

  private final DelayNamingConfig naming;

  DelayNaming(NodeConfig config) {
    this.naming =
        new DelayNamingConfig(
            config.get(NodeSettings.DELAY_NAMING),
            config.get(NodeSettings.DELAY_MAX_MS),
            config.get(NodeSettings.DELAY_NAMING_EXCLUDE));
  }

  @Override
  public Optional<Long> apply(String name) {
    return switch (DelayTopicName.parse(name, naming)) {
      case DelayTopicName.Delay delay -> Optional.of(delay.delayMs());
      case DelayTopicName.Plain plain -> Optional.empty();
      case DelayTopicName.NearMiss miss -> {
        LOG.info("topic is not delayed, topic={} reason={}", name, miss.reason());
        yield Optional.empty();
      }
    };
  }
}
