package io.tidelog.app;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.node.TidelogNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A node in this process on free ports, and unmodified Kafka clients for it. */
final class RunningNode implements AutoCloseable {

  private final TidelogNode node;

  RunningNode(Path data, Map<String, String> settings) {
    var texts = new HashMap<>(settings);
    texts.putIfAbsent("listeners", "PLAINTEXT://localhost:0");
    texts.putIfAbsent("tidelog.admin.port", "0");
    texts.put("log.dir", data.toString());
    this.node =
        TidelogNode.start(NodeConfig.read(null, Map.of(), texts, NodeConfig.topicDefaultNames()));
  }

  String bootstrap() {
    return node.addresses().bootstrap();
  }

  String admin() {
    return node.addresses().admin();
  }

  Admin adminClient() {
    return Admin.create(clientProperties());
  }

  KafkaProducer<String, String> producer(Map<String, Object> extra) {
    var properties = clientProperties();
    properties.putAll(extra);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  KafkaConsumer<String, String> consumer(String group, Map<String, Object> extra) {
    var properties = clientProperties();
    properties.put("group.id", group);
    properties.put("auto.offset.reset", "earliest");
    properties.putAll(extra);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  private Properties clientProperties() {
    var properties = new Properties();
    properties.put("bootstrap.servers", bootstrap());
    properties.put("request.timeout.ms", "15000");
    properties.put("default.api.timeout.ms", "20000");
    return properties;
  }

  @Override
  public void close() {
    node.close();
  }
}
