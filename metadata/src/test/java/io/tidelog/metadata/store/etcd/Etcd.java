package io.tidelog.metadata.store.etcd;

import io.tidelog.core.Clock;
import io.tidelog.core.config.Setting;
import java.util.HashMap;
import java.util.Map;

/** Opens stores in an etcd with the settings a test wants, as a node's configuration has them. */
final class Etcd {

  static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMs() {
          return System.currentTimeMillis();
        }

        @Override
        public long monotonicNs() {
          return System.nanoTime();
        }
      };

  private final Map<String, String> texts = new HashMap<>();

  private Etcd(String endpoints) {
    with(EtcdSettings.ENDPOINTS, endpoints);
  }

  static Etcd at(String... endpoints) {
    return new Etcd(String.join(",", endpoints));
  }

  Etcd prefix(String prefix) {
    return with(EtcdSettings.PREFIX, prefix);
  }

  Etcd timeoutMs(int timeoutMs) {
    return with(EtcdSettings.REQUEST_TIMEOUT_MS, timeoutMs);
  }

  Etcd with(Setting<?> setting, Object value) {
    texts.put(setting.name(), value.toString());
    return this;
  }

  EtcdConfig config() {
    return EtcdConfig.of(texts);
  }

  EtcdMetadataStore open() {
    return EtcdMetadataStore.open(config(), CLOCK);
  }
}
