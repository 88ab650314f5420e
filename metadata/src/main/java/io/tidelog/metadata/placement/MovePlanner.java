package io.tidelog.metadata.placement;

import io.tidelog.metadata.api.LogRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which replica of which log goes where; pure. One step at a time: it is asked again when the step
 * is done. Every step brings a log into one more rack, or into as many as before and makes the
 * number of replicas, or of preferred leads, more even, so that the steps come to an end.
 */
public final class MovePlanner {

  private MovePlanner() {}

  /** A log and the nodes it is to be on, the preferred leader first. */
  public record Move(LogRecord log, List<Integer> replicas) {}

  /**
   * The replicas of a log without a node that is to go, or nothing when no node can take its place.
   *
   * @param nodes that may get logs, none of them to go
   * @param classLogs the logs of the same class
   */
  public static Optional<Move> replace(
      LogRecord log, int gone, List<HotNode> nodes, Collection<LogRecord> classLogs) {
    var byId = byId(nodes);
    var staying =
        log.replicas().stream()
            .filter(id -> id != gone)
            .map(id -> byId.getOrDefault(id, HotNode.unknown(id)))
            .toList();
    var counts = new ReplicaCounts(classLogs);
    Comparator<HotNode> preference =
        staying.isEmpty()
            ? Comparator.<HotNode>comparingInt(node -> counts.led(node.id()))
                .thenComparingInt(node -> counts.held(node.id()))
                .thenComparingInt(HotNode::id)
            : LogPlanner.preference(staying, counts);
    return nodes.stream()
        .filter(node -> !log.replicas().contains(node.id()))
        .min(preference)
        .map(
            node -> {
              var replicas = new ArrayList<>(staying.stream().map(HotNode::id).toList());
              replicas.add(node.id());
              return new Move(log, replicas);
            });
  }

  /** The same replicas with another preferred leader. */
  public static Move prefer(LogRecord log, int leader) {
    var replicas = new ArrayList<>(List.of(leader));
    log.replicas().stream().filter(id -> id != leader).forEach(replicas::add);
    return new Move(log, replicas);
  }

  /**
   * The next step to spread the logs of a class over the nodes there are, as after a node has come.
   *
   * @param nodes that may get logs
   * @param mayMove others are counted and stay
   */
  public static Optional<Move> spread(
      List<HotNode> nodes, Collection<LogRecord> classLogs, Predicate<LogRecord> mayMove) {
    if (nodes.size() < 2) {
      return Optional.empty();
    }
    var counts = new ReplicaCounts(classLogs);
    var ordered =
        classLogs.stream()
            .filter(mayMove)
            .sorted(Comparator.comparing(log -> log.id().uuid()))
            .toList();
    return moveToOtherRack(nodes, ordered, counts)
        .or(() -> moveReplica(nodes, ordered, counts))
        .or(() -> moveLead(nodes, ordered, counts));
  }

  /** A follower that shares its rack goes where the log has nobody; the leader need never go. */
  private static Optional<Move> moveToOtherRack(
      List<HotNode> nodes, List<LogRecord> logs, ReplicaCounts counts) {
    var byId = byId(nodes);
    return logs.stream()
        .flatMap(log -> swapsOfFollowers(log, nodes))
        .filter(wish -> racks(wish.replicas(), byId) > racks(wish.log().replicas(), byId))
        .min(Comparator.comparingInt(wish -> counts.held(come(wish))));
  }

  private static Stream<Move> swapsOfFollowers(LogRecord log, List<HotNode> nodes) {
    var followers = log.replicas().subList(1, log.replicas().size());
    return nodes.stream()
        .filter(to -> !log.replicas().contains(to.id()))
        .flatMap(
            to ->
                nodes.stream()
                    .filter(from -> followers.contains(from.id()))
                    .map(from -> new Move(log, swapped(log, from.id(), to.id()))));
  }

  private static int come(Move move) {
    return move.replicas().stream()
        .filter(id -> !move.log().replicas().contains(id))
        .findFirst()
        .orElseThrow();
  }

  private static Optional<Move> moveReplica(
      List<HotNode> nodes, List<LogRecord> logs, ReplicaCounts counts) {
    var byHeld =
        nodes.stream()
            .sorted(
                Comparator.<HotNode>comparingInt(node -> counts.held(node.id()))
                    .thenComparingInt(HotNode::id))
            .toList();
    var byId = byId(nodes);
    for (var to : byHeld) {
      for (var from : byHeld.reversed()) {
        if (counts.held(from.id()) - counts.held(to.id()) < 2) {
          break;
        }
        var move =
            logs.stream()
                .filter(log -> log.replicas().contains(from.id()))
                .filter(log -> !log.replicas().contains(to.id()))
                .filter(log -> mayLead(log, from, to, counts))
                .map(log -> new Move(log, swapped(log, from.id(), to.id())))
                .filter(wish -> racks(wish.replicas(), byId) >= racks(wish.log().replicas(), byId))
                .min(
                    Comparator.<Move>comparingInt(
                            wish -> wish.log().replicas().getFirst() == from.id() ? 1 : 0)
                        .thenComparingInt(
                            wish -> counts.followed(wish.replicas().getFirst(), to.id())));
        if (move.isPresent()) {
          return move;
        }
      }
    }
    return Optional.empty();
  }

  /** A preferred lead moves with the replica only when that does not make leads less even. */
  private static boolean mayLead(LogRecord log, HotNode from, HotNode to, ReplicaCounts counts) {
    return log.replicas().getFirst() != from.id() || counts.led(from.id()) > counts.led(to.id());
  }

  private static Optional<Move> moveLead(
      List<HotNode> nodes, List<LogRecord> logs, ReplicaCounts counts) {
    var ids = nodes.stream().map(HotNode::id).collect(Collectors.toSet());
    return logs.stream()
        .filter(log -> ids.contains(log.replicas().getFirst()))
        .flatMap(
            log ->
                log.replicas().stream()
                    .filter(ids::contains)
                    .filter(id -> counts.led(log.replicas().getFirst()) - counts.led(id) > 1)
                    .map(id -> prefer(log, id)))
        .max(
            Comparator.comparingInt(
                move ->
                    counts.led(move.log().replicas().getFirst())
                        - counts.led(move.replicas().getFirst())));
  }

  private static List<Integer> swapped(LogRecord log, int from, int to) {
    return log.replicas().stream().map(id -> id == from ? to : id).toList();
  }

  private static long racks(List<Integer> replicas, Map<Integer, HotNode> nodes) {
    Set<String> racks = new HashSet<>();
    for (int id : replicas) {
      var node = nodes.get(id);
      racks.add(node == null || node.rack() == null ? "" : node.rack());
    }
    return racks.size();
  }

  private static Map<Integer, HotNode> byId(List<HotNode> nodes) {
    return nodes.stream().collect(Collectors.toMap(HotNode::id, Function.identity()));
  }
}
