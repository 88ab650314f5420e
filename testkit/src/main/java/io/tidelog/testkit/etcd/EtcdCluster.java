package io.tidelog.testkit.etcd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Several etcd servers that elect a leader, each a child process that a test may kill or freeze.
 */
public final class EtcdCluster implements AutoCloseable {

  private static final int START_ATTEMPTS = 3;

  private final List<EtcdServer> members;

  private EtcdCluster(List<EtcdServer> members) {
    this.members = List.copyOf(members);
  }

  /**
   * Starts so many members and waits until each knows a leader.
   *
   * @param flags more flags of every member's command line, for example {@code
   *     --election-timeout=300}
   */
  public static EtcdCluster start(Path folder, int size, List<String> flags) throws IOException {
    for (int attempt = 1; ; attempt++) {
      var cluster = launch(folder.resolve("attempt" + attempt), size, flags);
      var failed = cluster.firstUnhealthy();
      if (failed == null) {
        return cluster;
      }
      cluster.close();
      // Another process may have taken a port between our look and its start.
      if (attempt == START_ATTEMPTS) {
        throw failed.doesNotStart();
      }
    }
  }

  private static EtcdCluster launch(Path folder, int size, List<String> flags) throws IOException {
    var places = new ArrayList<EtcdServer.Member>();
    for (int i = 1; i <= size; i++) {
      places.add(EtcdServer.Member.onFreePorts("etcd" + i));
    }
    var all = places.stream().map(EtcdServer.Member::named).collect(Collectors.joining(","));
    var servers = new ArrayList<EtcdServer>();
    for (var place : places) {
      servers.add(EtcdServer.launch(place, folder.resolve(place.name()), all, flags));
    }
    return new EtcdCluster(servers);
  }

  private @Nullable EtcdServer firstUnhealthy() throws IOException {
    for (var member : members) {
      if (!member.isHealthyInTime()) {
        return member;
      }
    }
    return null;
  }

  public List<EtcdServer> members() {
    return members;
  }

  /** Ends every member. */
  @Override
  public void close() {
    members.forEach(EtcdServer::close);
  }
}
