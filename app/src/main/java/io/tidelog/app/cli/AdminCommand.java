package io.tidelog.app.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What an operator asks of the nodes of a cluster. */
@Command(name = "admin", description = "nodes of a cluster: show them, drain one")
final class AdminCommand {

  private static final long LOOK_MS = 500;

  @Command(name = "nodes", description = "show the nodes, and how many segment logs they hold")
  void nodes(@Mixin AdminOptions admin) throws InterruptedException {
    System.out.printf(
        "%6s  %-6s %-12s %-12s %6s %6s %8s%n",
        "NODE", "ALIVE", "ROLES", "RACK", "LEADS", "HOLDS", "IN SYNC");
    for (var each : new JsonArray(admin.get("/nodes"))) {
      var node = (JsonObject) each;
      System.out.printf(
          "%6d  %-6s %-12s %-12s %6d %6d %8d%s%n",
          node.getInteger("node"),
          node.getBoolean("alive") ? "yes" : "no",
          node.getJsonArray("roles").stream()
              .map(Object::toString)
              .collect(Collectors.joining(",")),
          node.getString("rack") == null ? "-" : node.getString("rack"),
          node.getInteger("leads"),
          node.getInteger("holds"),
          node.getInteger("inSync"),
          node.getBoolean("draining") ? "  draining" : "");
    }
  }

  @Command(
      name = "drain",
      description = "have the other nodes lead and hold what a node does, and wait for it")
  void drain(
      @Mixin AdminOptions admin,
      @Parameters(paramLabel = "NODE") int node,
      @Option(names = "--no-wait", description = "do not wait") boolean noWait)
      throws InterruptedException {
    System.out.print(admin.post("/nodes/drain", "node", Integer.toString(node)));
    int shown = -1;
    while (!noWait) {
      var now = find(admin, node);
      int left = now == null ? 0 : now.getInteger("holds");
      if (left != shown) {
        System.out.println(
            left == 0 ? "node " + node + " is empty" : "node " + node + " holds " + left + " logs");
        shown = left;
      }
      if (left == 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  @Command(name = "undrain", description = "let a node hold logs again")
  void undrain(@Mixin AdminOptions admin, @Parameters(paramLabel = "NODE") int node)
      throws InterruptedException {
    System.out.print(admin.post("/nodes/undrain", "node", Integer.toString(node)));
  }

  private static @Nullable JsonObject find(AdminOptions admin, int node)
      throws InterruptedException {
    return new JsonArray(admin.get("/nodes"))
        .stream()
            .map(JsonObject.class::cast)
            .filter(each -> each.getInteger("node") == node)
            .findFirst()
            .orElse(null);
  }
}
