package io.tidelog.cold.store.folder;

import io.tidelog.cold.store.ObjectPage;
import io.tidelog.cold.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One page of a folder's objects in the order of their keys. A folder sorts as its name with a
 * slash, so that a walk in order of names is one in order of keys; folders that lie wholly outside
 * the page are not opened.
 */
final class FolderListing {

  private final String prefix;
  private final String startAfter;
  private final int maxObjects;
  private final List<StoredObject> found = new ArrayList<>();
  private boolean hasMore;

  FolderListing(String prefix, String startAfter, int maxObjects) {
    this.prefix = prefix;
    this.startAfter = startAfter;
    this.maxObjects = maxObjects;
  }

  void walk(Path root) throws IOException {
    walk(root, "");
  }

  ObjectPage page() {
    return new ObjectPage(found, hasMore);
  }

  private void walk(Path folder, String parentKey) throws IOException {
    for (String name : sortedNames(folder)) {
      if (hasMore) {
        return;
      }
      String key = parentKey + name;
      if (key.endsWith("/")) {
        if (mayHold(key)) {
          walk(folder.resolve(name), key);
        }
      } else if (key.startsWith(prefix) && key.compareTo(startAfter) > 0) {
        add(folder.resolve(name), key);
      }
    }
  }

  private static List<String> sortedNames(Path folder) throws IOException {
    var names = new ArrayList<String>();
    try (var entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.startsWith(".")) {
          names.add(Files.isDirectory(entry) ? name + "/" : name);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  private boolean mayHold(String folderKey) {
    boolean inPrefix = folderKey.startsWith(prefix) || prefix.startsWith(folderKey);
    boolean reachesBeyondStart =
        folderKey.compareTo(startAfter) > 0 || startAfter.startsWith(folderKey);
    return inPrefix && reachesBeyondStart;
  }

  private void add(Path file, String key) throws IOException {
    if (found.size() == maxObjects) {
      hasMore = true;
      return;
    }
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      found.add(new StoredObject(key, attributes.size(), attributes.lastModifiedTime().toMillis()));
    } catch (NoSuchFileException e) {
      // Deleted since the folder was read: it is not there.
    }
  }
}
