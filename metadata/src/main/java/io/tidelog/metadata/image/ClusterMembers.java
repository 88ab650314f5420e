package io.tidelog.metadata.image;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PSet;
import org.pcollections.TreePMap;

/**
 * The part of the picture that tells who is there and who leads what: persistent maps.
 *
 * @param registrations nodes that are alive
 * @param gateways those of them that clients see as brokers
 * @param drains nodes that an operator wants to lead and hold nothing, alive or not
 * @param names ids of nodes by the name they are kept under
 * @param logClasses how many logs each class was given, by its key, and since which revision
 * @param reassignments logs that an operator has moved and that are not there yet
 * @param placements logs that an operator has placed
 * @param controller who holds the controller's key, or null
 */
public record ClusterMembers(
    TreePMap<Integer, NodeRegistration> registrations,
    TreePMap<Integer, NodeImage> gateways,
    PSet<Integer> drains,
    TreePMap<String, Integer> names,
    HashPMap<LogId, LogRecord> logs,
    HashPMap<String, Counted> logClasses,
    HashPMap<LogId, Reassignment> reassignments,
    HashPMap<LogId, Placement> placements,
    @Nullable Seat controller) {

  static final ClusterMembers NOBODY =
      new ClusterMembers(
          TreePMap.empty(),
          TreePMap.empty(),
          HashTreePSet.empty(),
          TreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          null);

  /**
   * A number in the store.
   *
   * @param modRevision when it was put
   */
  public record Counted(long number, long modRevision) {}

  /**
   * Who is the controller.
   *
   * @param createRevision fences it: whoever follows has another one
   */
  public record Seat(StoredValues.Controller holder, long createRevision) {}

  /**
   * A log's way to other nodes.
   *
   * @param before the nodes that held it, the preferred leader first
   * @param modRevision when that was put
   */
  public record Reassignment(List<Integer> before, long modRevision) {}

  /**
   * A log is where an operator wants it.
   *
   * @param nodes the hot nodes there were then
   * @param modRevision when that was put
   */
  public record Placement(List<Integer> nodes, long modRevision) {}

  /** After one change; the same when it is about something else. */
  ClusterMembers after(WatchEvent event) {
    var key = event.key();
    var entry = event instanceof WatchEvent.Put put ? put.entry() : null;
    if (key.startsWith(Keys.LOGS)) {
      var id = Keys.logOf(key);
      return withLogs(entry == null ? logs.minus(id) : logs.plus(id, StoredValues.log(entry)));
    }
    if (key.startsWith(Keys.NODES)) {
      return withNode(Integer.parseInt(key.substring(Keys.NODES.length())), entry);
    }
    if (key.startsWith(Keys.DRAINS)) {
      return withDrain(Integer.parseInt(key.substring(Keys.DRAINS.length())), entry != null);
    }
    if (key.startsWith(Keys.NODE_NAMES)) {
      var name = key.substring(Keys.NODE_NAMES.length());
      return withNames(
          entry == null ? names.minus(name) : names.plus(name, (int) StoredValues.number(entry)));
    }
    if (key.startsWith(Keys.LOG_CLASSES)) {
      return withLogClasses(
          entry == null
              ? logClasses.minus(key)
              : logClasses.plus(key, new Counted(StoredValues.number(entry), entry.modRevision())));
    }
    if (key.startsWith(Keys.REASSIGNMENTS)) {
      var id = Keys.reassignedLogOf(key);
      return withReassignments(
          entry == null
              ? reassignments.minus(id)
              : reassignments.plus(
                  id, new Reassignment(StoredValues.reassignment(entry), entry.modRevision())));
    }
    if (key.startsWith(Keys.PLACEMENTS)) {
      var id = Keys.placedLogOf(key);
      return withPlacements(
          entry == null
              ? placements.minus(id)
              : placements.plus(
                  id, new Placement(StoredValues.placement(entry), entry.modRevision())));
    }
    if (key.equals(Keys.CONTROLLER)) {
      return withController(
          entry == null ? null : new Seat(StoredValues.controller(entry), entry.createRevision()));
    }
    return this;
  }

  private ClusterMembers withNode(int id, @Nullable Entry entry) {
    if (entry == null) {
      return withNodes(registrations.minus(id), gateways.minus(id), drains);
    }
    var node = StoredValues.node(entry).withDraining(drains.contains(id));
    var client = node.client();
    return withNodes(
        registrations.plus(id, node),
        client == null
            ? gateways.minus(id)
            : gateways.plus(id, new NodeImage(id, client.host(), client.port(), node.rack())),
        drains);
  }

  private ClusterMembers withDrain(int id, boolean wanted) {
    var node = registrations.get(id);
    return withNodes(
        node == null ? registrations : registrations.plus(id, node.withDraining(wanted)),
        gateways,
        wanted ? drains.plus(id) : drains.minus(id));
  }

  private ClusterMembers withNodes(
      TreePMap<Integer, NodeRegistration> nodes,
      TreePMap<Integer, NodeImage> clientNodes,
      PSet<Integer> wantedGone) {
    return new ClusterMembers(
        nodes,
        clientNodes,
        wantedGone,
        names,
        logs,
        logClasses,
        reassignments,
        placements,
        controller);
  }

  private ClusterMembers withNames(TreePMap<String, Integer> next) {
    return new ClusterMembers(
        registrations,
        gateways,
        drains,
        next,
        logs,
        logClasses,
        reassignments,
        placements,
        controller);
  }

  private ClusterMembers withController(@Nullable Seat next) {
    return new ClusterMembers(
        registrations, gateways, drains, names, logs, logClasses, reassignments, placements, next);
  }

  private ClusterMembers withLogs(HashPMap<LogId, LogRecord> next) {
    return withOfLogs(next, logClasses, reassignments, placements);
  }

  private ClusterMembers withLogClasses(HashPMap<String, Counted> next) {
    return withOfLogs(logs, next, reassignments, placements);
  }

  private ClusterMembers withReassignments(HashPMap<LogId, Reassignment> next) {
    return withOfLogs(logs, logClasses, next, placements);
  }

  private ClusterMembers withPlacements(HashPMap<LogId, Placement> next) {
    return withOfLogs(logs, logClasses, reassignments, next);
  }

  private ClusterMembers withOfLogs(
      HashPMap<LogId, LogRecord> nextLogs,
      HashPMap<String, Counted> nextClasses,
      HashPMap<LogId, Reassignment> nextReassignments,
      HashPMap<LogId, Placement> nextPlacements) {
    return new ClusterMembers(
        registrations,
        gateways,
        drains,
        names,
        nextLogs,
        nextClasses,
        nextReassignments,
        nextPlacements,
        controller);
  }
}
