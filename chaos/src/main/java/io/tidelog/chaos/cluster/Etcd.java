package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Port;
import io.tidelog.chaos.world.Programs;
import io.tidelog.chaos.world.Server;
import io.tidelog.metadata.api.Entry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An etcd cluster, and a look into it: by its JSON gateway, since a client that follows leaders and
 * retries would hide what is being tested.
 */
final class Etcd {

  private static final int CLIENT_PORT = 2379;
  private static final int PEER_PORT = 2380;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Pattern ENTRY =
      Pattern.compile("\"(key|value|create_revision|mod_revision)\":\"([^\"]*)\"");
  private static final Pattern MEMBER = Pattern.compile("\"member_id\":\"(\\d+)\"");
  private static final Pattern LEADER = Pattern.compile("\"leader\":\"(\\d+)\"");

  private final List<Server> members = new ArrayList<>();
  private final Map<Server, Port> clientPorts = new LinkedHashMap<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  Etcd(Network network, Path folder, int count) throws IOException {
    var program =
        Programs.find("etcd")
            .orElseThrow(
                () ->
                    new IOException("no etcd found; install it with: apt-get install etcd-server"));
    var peerPorts = new LinkedHashMap<Host, Port>();
    for (int i = 1; i <= count; i++) {
      var host = network.add("etcd-" + i);
      peerPorts.put(host, network.port(host, PEER_PORT));
    }
    var cluster =
        peerPorts.entrySet().stream()
            .map(peer -> peer.getKey().name() + "=" + url(peer.getKey(), peer.getValue().outside()))
            .collect(Collectors.joining(","));
    for (var peer : peerPorts.entrySet()) {
      var host = peer.getKey();
      var client = network.port(host, CLIENT_PORT);
      var command =
          List.of(
              program.toString(),
              "--name=" + host.name(),
              "--data-dir=" + folder.resolve(host.name()).resolve("data"),
              "--listen-client-urls=" + url(host, client.inside()),
              "--advertise-client-urls=" + url(host, client.outside()),
              "--listen-peer-urls=" + url(host, peer.getValue().inside()),
              "--initial-advertise-peer-urls=" + url(host, peer.getValue().outside()),
              "--initial-cluster=" + cluster,
              "--pre-vote",
              "--logger=zap",
              "--log-level=warn",
              "--log-outputs=stderr");
      var member = new Server(network, host, command, Map.of(), folder.resolve(host.name()));
      members.add(member);
      clientPorts.put(member, client);
    }
  }

  private static String url(Host host, int port) {
    return "http://" + host.address() + ":" + port;
  }

  List<Server> members() {
    return members;
  }

  /** As {@code tidelog.etcd.endpoints} wants them. */
  String endpoints() {
    return clientPorts.entrySet().stream()
        .map(each -> each.getKey().host().address() + ":" + each.getValue().outside())
        .collect(Collectors.joining(","));
  }

  void start() throws IOException {
    for (var member : members) {
      member.start();
    }
    for (var member : members) {
      Readiness.await(member, () -> isHealthy(member));
    }
  }

  boolean isHealthy(Server member) throws IOException {
    var health = request(member, "health").build();
    return send(health).contains("\"true\"");
  }

  Optional<Server> leader() {
    for (var member : members) {
      try {
        var status = post(member, "maintenance/status", "{}");
        if (first(MEMBER, status).equals(first(LEADER, status))) {
          return Optional.of(member);
        }
      } catch (IOException down) {
        // One of the others may know.
      }
    }
    return Optional.empty();
  }

  /** Everything below a prefix, as any member says that answers. */
  List<Entry> read(String prefix, String cutOff) throws IOException {
    var from = prefix.getBytes(StandardCharsets.US_ASCII);
    var to = from.clone();
    to[to.length - 1]++;
    var encoder = Base64.getEncoder();
    var body =
        "{\"key\":\"%s\",\"range_end\":\"%s\"}"
            .formatted(encoder.encodeToString(from), encoder.encodeToString(to));
    IOException last = new IOException("no etcd");
    for (var member : members) {
      try {
        return entries(post(member, "kv/range", body), cutOff.length());
      } catch (IOException down) {
        last = down;
      }
    }
    throw last;
  }

  private static List<Entry> entries(String json, int cutOff) {
    var entries = new ArrayList<Entry>();
    var fields = new LinkedHashMap<String, String>();
    Matcher matcher = ENTRY.matcher(json);
    // The header has none of these names, and "value" is the last of each entry.
    while (matcher.find()) {
      fields.put(matcher.group(1), matcher.group(2));
      if (matcher.group(1).equals("value")) {
        entries.add(
            new Entry(
                new String(Base64.getDecoder().decode(fields.get("key")), StandardCharsets.US_ASCII)
                    .substring(cutOff),
                Base64.getDecoder().decode(fields.get("value")),
                Long.parseLong(fields.get("create_revision")),
                Long.parseLong(fields.get("mod_revision")),
                0));
        fields.clear();
      }
    }
    return entries;
  }

  private String post(Server member, String what, String body) throws IOException {
    return send(
        request(member, "v3/" + what).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  /** To the member itself: we are on none of the machines. */
  private HttpRequest.Builder request(Server member, String path) {
    var port = clientPorts.get(member);
    if (port == null) {
      throw new IllegalArgumentException(member.name() + " is no etcd of ours");
    }
    return HttpRequest.newBuilder(URI.create(url(member.host(), port.inside()) + "/" + path))
        .timeout(TIMEOUT);
  }

  private String send(HttpRequest request) throws IOException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String first(Pattern pattern, String text) throws IOException {
    var matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("no " + pattern + " in " + text);
    }
    return matcher.group(1);
  }
}
