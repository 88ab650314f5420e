package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.cold.store.folder.FolderObjectStore;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.nio.file.Path;

/** Opens the object store that {@code tidelog.object.store} names. */
final class ObjectStores {

  private static final String FILE = "file:";

  private ObjectStores() {}

  /**
   * @param prefix of every key
   * @param describe the store, for people
   */
  record Opened(ObjectStore store, String prefix, String describe) {}

  static Opened open(NodeConfig config, Path data) {
    var uri = config.get(NodeSettings.OBJECT_STORE);
    if (uri.isEmpty()) {
      return folder(data.resolve("objects"));
    }
    if (uri.startsWith(FILE)) {
      return folder(Path.of(uri.substring(FILE.length())).toAbsolutePath().normalize());
    }
    throw new Fault.Refused(
        Refusal.INVALID_CONFIG,
        NodeSettings.OBJECT_STORE.name()
            + "="
            + uri
            + " is neither file:DIR nor s3://bucket/prefix");
  }

  private static Opened folder(Path folder) {
    return new Opened(FolderObjectStore.open(folder), "", FILE + folder);
  }
}
