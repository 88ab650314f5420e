package io.tidelog.gateway.handler;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.jspecify.annotations.Nullable;

/** Shows the settings of topics and of this node, with their sources, synonyms and meanings. */
public final class DescribeConfigsHandler implements RequestHandler {

  private final ClusterImages images;
  private final ConfigDescriptions configs;

  public DescribeConfigsHandler(ClusterImages images, ConfigDescriptions configs) {
    this.images = images;
    this.configs = configs;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DESCRIBE_CONFIGS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((DescribeConfigsRequest) request.body()).data();
    var results = new ArrayList<DescribeConfigsResult>();
    Set<ConfigResource> told = new HashSet<>();
    for (var resource : body.resources()) {
      var type = ConfigResource.Type.forId(resource.resourceType());
      if (!told.add(new ConfigResource(type, resource.resourceName()))) {
        continue; // an answer is hundreds of times longer than its question
      }
      var result =
          new DescribeConfigsResult()
              .setErrorMessage(null)
              .setResourceType(resource.resourceType())
              .setResourceName(resource.resourceName());
      try {
        var keys = resource.configurationKeys();
        var shown = new ArrayList<DescribeConfigsResourceResult>();
        for (var entry : find(resource)) {
          if (keys == null || keys.isEmpty() || keys.contains(entry.name())) {
            shown.add(trim(entry, body.includeSynonyms(), body.includeDocumentation()));
          }
        }
        results.add(result.setConfigs(shown));
      } catch (Fault.Refused refused) {
        results.add(
            result
                .setErrorCode(KafkaErrors.of(refused).code())
                .setErrorMessage(refused.getMessage())
                .setConfigs(List.of()));
      }
    }
    request.respond(new DescribeConfigsResponseData().setResults(results));
  }

  private List<DescribeConfigsResourceResult> find(DescribeConfigsResource resource) {
    return switch (ConfigResource.Type.forId(resource.resourceType())) {
      case TOPIC -> ofTopic(resource.resourceName());
      case BROKER -> configs.ofNode(nodeId(resource.resourceName()));
      case GROUP -> {
        requireName(resource, "Group name");
        yield configs.ofGroup();
      }
      case CLIENT_METRICS -> {
        requireName(resource, "Client metrics subscription name");
        yield List.of();
      }
      case BROKER_LOGGER -> {
        requireName(resource, "Broker id");
        nodeId(resource.resourceName());
        yield List.of();
      }
      case UNKNOWN ->
          throw new Fault.Refused(
              Refusal.INVALID_REQUEST, "Unsupported resource type: " + resource.resourceType());
    };
  }

  private List<DescribeConfigsResourceResult> ofTopic(String name) {
    var topic = images.current().topic(name);
    if (topic == null) {
      throw new Fault.Refused(
          Refusal.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.");
    }
    return configs.ofTopic(topic);
  }

  private static void requireName(DescribeConfigsResource resource, String what) {
    if (resource.resourceName().isEmpty()) {
      throw new Fault.Refused(Refusal.INVALID_REQUEST, what + " must not be empty");
    }
  }

  private @Nullable Integer nodeId(String name) {
    if (name.isEmpty()) {
      return null;
    }
    int own = images.current().nodeId();
    if (!name.equals(Integer.toString(own))) {
      throw new Fault.Refused(
          Refusal.INVALID_REQUEST,
          "Unexpected broker id, expected " + own + " or empty string, but received " + name);
    }
    return own;
  }

  private static DescribeConfigsResourceResult trim(
      DescribeConfigsResourceResult entry, boolean synonyms, boolean documentation) {
    if (!synonyms) {
      entry.setSynonyms(List.of());
    }
    if (!documentation) {
      entry.setDocumentation(null);
    }
    return entry;
  }
}
