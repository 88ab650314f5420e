package io.tidelog.app.admin;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeAdmin;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code GET /nodes}, the nodes of the cluster and how many segment logs each holds as JSON,
 * {@code POST /nodes/drain?node=ID}, which has the others take what a node leads and holds, and
 * {@code POST /nodes/undrain?node=ID}, which takes that back.
 */
public final class NodeRoutes implements AdminRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(NodeRoutes.class);
  private static final String JSON = "application/json";

  private final ClusterImages images;
  private final NodeAdmin nodes;

  public NodeRoutes(ClusterImages images, NodeAdmin nodes) {
    this.images = images;
    this.nodes = nodes;
  }

  @Override
  public boolean answer(HttpServerRequest request) {
    return switch (request.path()) {
      case "/nodes" -> {
        if (AdminAnswer.isMethod(request, HttpMethod.GET)) {
          AdminAnswer.of(200, JSON, all(images.current()).encode() + "\n").to(request);
        }
        yield true;
      }
      case "/nodes/drain" -> drain(request, true);
      case "/nodes/undrain" -> drain(request, false);
      case null, default -> false;
    };
  }

  private static JsonArray all(ClusterImage image) {
    var ids = new TreeSet<Integer>();
    image.registrations().forEach(node -> ids.add(node.id()));
    image.logs().forEach(log -> ids.addAll(log.replicas()));
    var all = new JsonArray();
    ids.forEach(id -> all.add(json(image, id)));
    return all;
  }

  private static JsonObject json(ClusterImage image, int id) {
    var node = image.registration(id);
    var roles = new JsonArray();
    if (node != null) {
      node.roles().stream()
          .map(role -> role.name().toLowerCase(Locale.ROOT))
          .sorted()
          .forEach(roles::add);
    }
    return new JsonObject()
        .put("node", id)
        .put("alive", node != null)
        .put("roles", roles)
        .put("rack", node == null ? null : node.rack())
        .put("draining", node != null && node.draining())
        .put("leads", count(image, log -> log.leader() == id))
        .put("holds", count(image, log -> log.replicas().contains(id) || isInSync(log, id)))
        .put("inSync", count(image, log -> isInSync(log, id)));
  }

  private static long count(ClusterImage image, Predicate<LogRecord> which) {
    return image.logs().stream().filter(which).count();
  }

  private static boolean isInSync(LogRecord log, int id) {
    return log.inSync().stream().map(ReplicaId::nodeId).anyMatch(member -> member == id);
  }

  private boolean drain(HttpServerRequest request, boolean wanted) {
    if (!AdminAnswer.isMethod(request, HttpMethod.POST) || !AdminAnswer.isFromProgram(request)) {
      return true;
    }
    int id = idOf(request.getParam("node"));
    if (id < 0) {
      AdminAnswer.text(400, "which node? " + request.path() + "?node=ID\n").to(request);
      return true;
    }
    var unused =
        nodes
            .drain(id, wanted)
            .handle((nothing, failure) -> answerTo(id, wanted, failure))
            .thenAccept(answer -> answer.to(request));
    return true;
  }

  private static int idOf(@Nullable String text) {
    try {
      return text == null ? -1 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static AdminAnswer answerTo(int id, boolean wanted, @Nullable Throwable failure) {
    if (failure != null) {
      return AdminAnswer.ofFailure(failure);
    }
    LOG.info("node is wanted {}, node={}", wanted ? "empty" : "back", id);
    return AdminAnswer.text(
        200, wanted ? "node " + id + " is being drained\n" : "node " + id + " may hold logs\n");
  }
}
