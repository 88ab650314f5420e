package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {

  @TempDir Path data;

  @Test
  void aClientIsToldTheAddressOfTheListenerItCameInBy() throws Exception {
    var ports = List.of(freePort(), freePort());
    var settings =
        Map.of(
            "listeners",
            "INSIDE://localhost:" + ports.get(0) + ",OUTSIDE://localhost:" + ports.get(1),
            "listener.security.protocol.map",
            "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT");
    try (var node = new RunningNode(data, settings)) {
      assertThat(node.bootstrap()).isEqualTo("localhost:" + ports.get(0));
      for (int port : ports) {
        Map<String, Object> client = Map.of("bootstrap.servers", "localhost:" + port);
        try (var admin = Admin.create(client)) {
          assertThat(admin.describeCluster().nodes().get())
              .extracting(Node::port)
              .containsExactly(port);
        }
      }
    }
  }

  @Test
  void otherNodesAreToldTheAddressesThatAreSetForThem() throws Exception {
    var settings =
        Map.of(
            "tidelog.internal.port", "0",
            "tidelog.internal.advertised", "internal.example:19093",
            "tidelog.replication.port", "0",
            "tidelog.replication.advertised", "replication.example:19094");
    try (var etcd = EtcdServer.start(Files.createDirectories(data.resolve("etcd")))) {
      var all = new HashMap<>(settings);
      all.put("tidelog.etcd.endpoints", etcd.endpoint());
      all.put("tidelog.object.store", "file:" + data.resolve("objects"));
      try (var node = new RunningNode(data.resolve("node"), all)) {
        assertThat(node.bootstrap()).isNotEmpty();
        assertThat(everythingIn(etcd)).contains("internal.example", "replication.example");
      }
    }
  }

  /** Texts stand in the values as they are. */
  private static String everythingIn(EtcdServer etcd) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://" + etcd.endpoint() + "/v3/kv/range"))
              .POST(BodyPublishers.ofString("{\"key\":\"AA==\",\"range_end\":\"AA==\"}"))
              .build();
      var answer = http.send(request, BodyHandlers.ofString(StandardCharsets.US_ASCII)).body();
      return Pattern.compile("\"value\":\"([^\"]*)\"")
          .matcher(answer)
          .results()
          .map(value -> Base64.getDecoder().decode(value.group(1)))
          .map(value -> new String(value, StandardCharsets.ISO_8859_1))
          .collect(Collectors.joining());
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
