package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardConfig;
import io.tidelog.gateway.wire.ClientLink;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.Introduction;
import io.tidelog.gateway.wire.NodePipe;
import io.tidelog.gateway.wire.PipeAnswer;
import io.tidelog.gateway.wire.PipeReceiver;
import io.tidelog.gateway.wire.PipeTarget;
import io.tidelog.metadata.api.ClusterImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connections to the nodes that answer for it, at most one to each, made when first
 * needed. Belongs to the client's lane.
 */
final class NodePipes implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodePipes.class);

  private final ForwardConfig config;
  private final Map<Integer, Entry> pipes = new HashMap<>();
  private boolean closed;

  private record Entry(NodePipe pipe, UUID incarnation) {}

  NodePipes(ForwardConfig config) {
    this.config = config;
  }

  /** A pipe to a node, on which the client is introduced; null for one that is not alive. */
  @Nullable NodePipe to(int nodeId, ClusterImage image, ClientRequest request) {
    var node = image.registration(nodeId);
    if (node == null || closed) {
      return null;
    }
    var known = pipes.get(nodeId);
    if (known != null && known.pipe.isOpen() && known.incarnation.equals(node.incarnation())) {
      return known.pipe;
    }
    var at = node.internal();
    var pipe =
        request
            .link()
            .dial(new PipeTarget(nodeId, at.host(), at.port(), config.connectTimeoutMs()));
    pipes.put(nodeId, new Entry(pipe, node.incarnation()));
    if (known != null) {
      known.pipe.close();
    }
    introduce(request, image.clusterId(), nodeId, pipe);
    return pipe;
  }

  /** Closes the one to a node; the next is made when it is needed. */
  void drop(int nodeId) {
    var entry = pipes.remove(nodeId);
    if (entry != null) {
      entry.pipe.close();
    }
  }

  /** Closes those to nodes that are there no more, or not as they were. */
  void onNodes(ClusterImage image) {
    for (var nodeId : List.copyOf(pipes.keySet())) {
      var entry = pipes.get(nodeId);
      var node = image.registration(nodeId);
      if (entry != null && (node == null || !node.incarnation().equals(entry.incarnation))) {
        pipes.remove(nodeId);
        entry.pipe.close();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    var all = List.copyOf(pipes.values());
    pipes.clear();
    all.forEach(entry -> entry.pipe.close());
  }

  private static void introduce(
      ClientRequest request, String clusterId, int nodeId, NodePipe pipe) {
    ClientLink link = request.link();
    var client =
        new Introduction(
            link.peer().advertised(),
            link.peer().address(),
            link.softwareName(),
            link.softwareVersion());
    pipe.send(
        client.request(clusterId, nodeId, request.clientId()),
        new PipeReceiver() {
          @Override
          public void onAnswer(PipeAnswer answer) {
            if (answer.message() instanceof ApiVersionsResponseData told && told.errorCode() != 0) {
              LOG.warn("refused by a node, node={} error={}", nodeId, told.errorCode());
              pipe.close();
            }
          }

          @Override
          public void onLost(boolean neverSent) {
            // What follows on this pipe is lost with it, and says so.
          }
        });
  }
}
