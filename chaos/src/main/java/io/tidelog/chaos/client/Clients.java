package io.tidelog.chaos.client;

import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's clients, with what makes a failover take as long as the cluster needs and not as long as
 * the clients' defaults: silence is given up after three seconds instead of thirty.
 */
final class Clients {

  /** Of one request; a server that is silent for so long is given up. */
  static final int REQUEST_TIMEOUT_MS = 3_000;

  /** Of a consumer's or an admin's call. */
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  /** After so long a send that was not acknowledged has an unknown outcome. */
  static final int DELIVERY_TIMEOUT_MS = 30_000;

  private static final int METADATA_AGE_MS = 5_000;
  private static final int CONNECT_TIMEOUT_MS = 1_000;
  private static final int BACKOFF_MS = 50;
  private static final int BACKOFF_MAX_MS = 500;
  private static final int SESSION_TIMEOUT_MS = 6_000;
  private static final int HEARTBEAT_MS = 1_500;

  private final String bootstrap;

  Clients(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /** Idempotent, every in-sync replica, five requests at once. */
  KafkaProducer<byte[], byte[]> producer() {
    var config = common();
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, CALL_TIMEOUT.toMillis());
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8 * 1024 * 1024);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * @param reset what to do where there is no position, or one that does not exist
   */
  KafkaConsumer<byte[], byte[]> consumer(String reset) {
    return consumer(consumerConfig(reset));
  }

  /**
   * @param protocol {@code classic} or {@code consumer}
   */
  KafkaConsumer<byte[], byte[]> member(String group, String protocol) {
    var config = consumerConfig("earliest");
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol);
    if (protocol.equals("classic")) {
      config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS);
      config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
    }
    return consumer(config);
  }

  Admin admin() {
    return admin(common());
  }

  /** Sees nodes that hold records and speak to no client, as the tool of that name does. */
  Admin reassignmentTool() {
    var config = common();
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "reassign-partitions-tool");
    return admin(config);
  }

  private static Admin admin(Properties config) {
    config.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CALL_TIMEOUT.toMillis());
    return Admin.create(config);
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Properties config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Properties consumerConfig(String reset) {
    var config = common();
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, reset);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 300);
    config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 20_000);
    config.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CALL_TIMEOUT.toMillis());
    return config;
  }

  private Properties common() {
    var config = new Properties();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    config.put(CommonClientConfigs.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
    config.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, CONNECT_TIMEOUT_MS);
    config.put(
        CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, 2 * CONNECT_TIMEOUT_MS);
    config.put(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, BACKOFF_MS);
    config.put(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, BACKOFF_MAX_MS);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, BACKOFF_MS);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, BACKOFF_MAX_MS);
    return config;
  }
}
