package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Servers that together serve Kafka clients, each a process on a machine of its own. */
public interface Cluster extends AutoCloseable {

  /** Name and version, for reports. */
  String title();

  /** Where clients inside the world begin. */
  String bootstrap();

  /** The servers that hold records. */
  List<Server> nodes();

  /** Servers that hold nothing and only speak to clients; none where nodes do that. */
  List<Server> gateways();

  /** None where the cluster needs no etcd. */
  List<Server> etcd();

  /** Null where the cluster uses none. */
  @Nullable Server objectStore();

  /** The folder of a node's disk, to be wiped while it is down. */
  Path disk(Server node);

  /** Makes a node's disk ready after it was wiped. */
  void prepareDisk(Server node) throws IOException;

  /** The node whose disk is small enough to be filled; null when none is. */
  @Nullable Server smallDisk();

  /**
   * Folders with the copies of all segment logs of a node, by the node's name; none where replicas
   * need not have the same bytes.
   */
  Map<String, Path> copies();

  /**
   * What running servers have read from the object store for clients since each was started, in
   * chunks; 0 where there is none.
   */
  long coldLoads() throws IOException;

  /**
   * Starts everything and waits until clients are served.
   *
   * @param progress told what is done, in words
   */
  void start(Consumer<String> progress) throws IOException;

  /**
   * Whether a server that runs has come as far as to serve.
   *
   * @throws IOException when it has not
   */
  boolean isServing(Server server) throws IOException;

  Roles roles();

  /** All servers there are. */
  default List<Server> servers() {
    var all = new ArrayList<Server>();
    all.addAll(nodes());
    all.addAll(gateways());
    all.addAll(etcd());
    Optional.ofNullable(objectStore()).ifPresent(all::add);
    return all;
  }

  /** The machines of all servers but those of {@code server}. */
  default List<Host> others(Server server) {
    return servers().stream().filter(each -> each != server).map(Server::host).toList();
  }

  /**
   * @throws IOException when there is none of that name
   */
  default Server server(String name) throws IOException {
    return servers().stream()
        .filter(server -> server.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "no server \"%s\"; there are %s"
                        .formatted(
                            name,
                            String.join(", ", servers().stream().map(Server::name).toList()))));
  }

  @Override
  void close() throws IOException;
}
