package io.tidelog.chaos.cluster;

import io.tidelog.chaos.history.Place;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who does what at this moment, as the cluster itself says. */
public interface Roles extends AutoCloseable {

  /**
   * The node that leads each partition of these topics; partitions without a leader are left out.
   */
  Map<Place, Server> leaders(Collection<String> topics) throws IOException;

  Optional<Server> controller() throws IOException;

  /** The node that coordinates a group. */
  Optional<Server> coordinator(String group) throws IOException;

  Optional<Server> etcdLeader() throws IOException;

  /** What has fewer in-sync replicas than replicas, of these topics or as a whole, in words. */
  List<String> behind(Collection<String> topics) throws IOException;

  /** Partitions on their way to other replicas, in words. */
  List<String> moving() throws IOException;

  @Override
  void close();
}
