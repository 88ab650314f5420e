package io.tidelog.metadata.node;

import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Endpoint;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of itself before it has seen its cluster.
 *
 * @param explicitId {@code node.id}, or {@link ClusterSettings#ALLOCATED}
 * @param hot it has a data folder
 * @param folder what the data folder says, or null when it is new or there is none
 * @param name its id is kept under, without a data folder
 */
public record NodeWish(int explicitId, boolean hot, @Nullable NodeFolder folder, String name) {

  /**
   * As a node's configuration file says.
   *
   * @param advertised the address it tells its clients, its name unless it has one
   */
  public static NodeWish of(
      Map<String, String> file, boolean hot, @Nullable NodeFolder folder, Endpoint advertised) {
    var id = ClusterSettings.NODE_ID;
    var name = file.getOrDefault(ClusterSettings.NODE_NAME.name(), "").strip();
    return new NodeWish(
        id.parse(file.getOrDefault(id.name(), id.defaultText())),
        hot,
        folder,
        name.isEmpty() ? advertised.toString() : name);
  }
}
