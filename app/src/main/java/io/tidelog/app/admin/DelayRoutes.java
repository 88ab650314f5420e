package io.tidelog.app.admin;

import io.tidelog.app.delay.DelayedTopics;
import io.tidelog.app.delay.TopicPending;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code GET /delay}, what is pending of each delay topic as JSON, and {@code POST
 * /delay/deliver?topic=NAME}, which makes all of it due.
 */
public final class DelayRoutes implements AdminRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(DelayRoutes.class);

  private static final String JSON = "application/json";

  private final DelayedTopics topics;

  public DelayRoutes(DelayedTopics topics) {
    this.topics = topics;
  }

  @Override
  public boolean answer(HttpServerRequest request) {
    return switch (request.path()) {
      case "/delay" -> {
        if (AdminAnswer.isMethod(request, HttpMethod.GET)) {
          AdminAnswer.of(200, JSON, pending()).to(request);
        }
        yield true;
      }
      case "/delay/deliver" -> {
        if (AdminAnswer.isMethod(request, HttpMethod.POST)) {
          deliver(request);
        }
        yield true;
      }
      case null, default -> false;
    };
  }

  private String pending() {
    var all = new JsonArray();
    topics.pending().forEach(topic -> all.add(json(topic)));
    return all.encode() + "\n";
  }

  private static JsonObject json(TopicPending topic) {
    return new JsonObject()
        .put("topic", topic.topic())
        .put("delayMs", topic.delayMs())
        .put("partitions", topic.partitions())
        .put("pendingRecords", topic.records())
        .put("pendingBytes", topic.sizeBytes())
        .put("nextDueMs", topic.nextDueMs())
        .put("lastDueMs", topic.lastDueMs());
  }

  private void deliver(HttpServerRequest request) {
    var topic = request.getParam("topic");
    if (!AdminAnswer.isFromProgram(request)) {
      return;
    }
    if (topic == null) {
      AdminAnswer.text(400, "which topic? /delay/deliver?topic=NAME\n").to(request);
      return;
    }
    var unused =
        topics
            .deliver(topic)
            .handle((nothing, failure) -> answerTo(topic, failure))
            .thenAccept(answer -> answer.to(request));
  }

  private static AdminAnswer answerTo(String topic, @Nullable Throwable failure) {
    if (failure != null) {
      return AdminAnswer.ofFailure(failure);
    }
    LOG.info("everything pending is delivered, topic={}", topic);
    return AdminAnswer.text(200, "everything pending of " + topic + " is due now\n");
  }
}
