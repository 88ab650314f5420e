package io.tidelog.cold.store.folder;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectKeys;
import io.tidelog.cold.store.ObjectPage;
import io.tidelog.cold.store.ObjectStore;
import io.tidelog.cold.store.StoredObject;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each object in a file below one folder; the key is its relative path. An object is written
 * to a file in {@code .incoming}, synced, then hard-linked to its name, which fails when the name
 * is taken, and then the folder is synced: a crash leaves an object whole or leaves none. What a
 * crash leaves in {@code .incoming} goes with {@link #abandonUploads}, or when the store is opened
 * a day later.
 *
 * <p>Where the file system has direct I/O, objects are written past the page cache: this saves
 * copying them, and leaves the cache to the recent segments of the hot tier.
 *
 * <p>Several processes may share the folder. Its file system must know hard links.
 */
public final class FolderObjectStore implements ObjectStore {

  private static final String INCOMING = ".incoming";

  /** Older than any upload that still runs. */
  private static final long ABANDONED_AFTER_MS = 24L * 60 * 60 * 1000;

  private final Path folder;
  private final Path incoming;
  private final FolderSync names;
  private final ObjectFileWriter files;

  private FolderObjectStore(Path folder, Path incoming, FolderSync names, ObjectFileWriter files) {
    this.folder = folder;
    this.incoming = incoming;
    this.names = names;
    this.files = files;
  }

  /**
   * Opens or creates the folder.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when it cannot be written or knows no hard links
   */
  public static FolderObjectStore open(Path folder) {
    return open(folder, FolderSync.ofFiles(), FileChannel::open);
  }

  static FolderObjectStore open(
      Path wanted, FolderSync names, ObjectFileWriter.Opening objectFiles) {
    Path folder = wanted.toAbsolutePath().normalize();
    Path incoming = folder.resolve(INCOMING);
    try {
      names.createDirectories(folder);
      names.createDirectories(incoming);
      removeIncoming(incoming, System.currentTimeMillis() - ABANDONED_AFTER_MS);
      probeLinks(incoming);
      var files = ObjectFileWriter.probe(incoming, objectFiles);
      names.sync(folder);
      return new FolderObjectStore(folder, incoming, names, files);
    } catch (IOException | UnsupportedOperationException e) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "the object folder "
              + folder
              + " cannot be used: it must be writable and on a file system with hard links ("
              + e
              + ")");
    }
  }

  private static void removeIncoming(Path incoming, long modifiedBeforeMs) throws IOException {
    try (var files = Files.newDirectoryStream(incoming)) {
      for (Path file : files) {
        if (isOlder(file, modifiedBeforeMs)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isOlder(Path file, long ms) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toMillis() < ms;
    } catch (NoSuchFileException e) {
      return false; // its upload has ended meanwhile
    }
  }

  private static void probeLinks(Path incoming) throws IOException {
    Path probe = Files.createTempFile(incoming, "probe", "");
    Path link = incoming.resolve(probe.getFileName() + ".link");
    Files.createLink(link, probe);
    Files.delete(link);
    Files.delete(probe);
  }

  @Override
  public PutOutcome create(String key, ObjectContent content) {
    Path target = path(key);
    if (Files.exists(target)) {
      return alreadyExists(key, target);
    }
    Path temporary = newTemporary(key);
    try {
      files.write(temporary, content);
      names.createDirectories(folder, parent(target));
      Files.createLink(target, temporary);
    } catch (FileAlreadyExistsException e) {
      removeTemporary(temporary);
      return alreadyExists(key, target);
    } catch (IOException e) {
      removeTemporary(temporary);
      throw new Fault.Retriable("object " + key + " cannot be written: " + e, e);
    }
    removeTemporary(temporary);
    syncName(key, target);
    return PutOutcome.CREATED;
  }

  /** Whoever linked it may have failed before its name was durable. */
  private PutOutcome alreadyExists(String key, Path target) {
    syncName(key, target);
    return PutOutcome.ALREADY_EXISTS;
  }

  private void syncName(String key, Path target) {
    try {
      names.createDirectories(folder, parent(target));
      names.sync(parent(target));
    } catch (IOException e) {
      throw new Fault.Uncertain("object " + key + " is written, its folder is not synced", e);
    }
  }

  private Path newTemporary(String key) {
    try {
      return Files.createTempFile(incoming, "put", ".tmp");
    } catch (IOException e) {
      throw new Fault.Retriable("object " + key + " cannot be written: " + e, e);
    }
  }

  private static void removeTemporary(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // It goes when the store is opened a day later; the object itself is not touched by this.
    }
  }

  @Override
  public boolean get(String key, long position, ByteBuffer into) {
    try (var channel = FileChannel.open(path(key), StandardOpenOption.READ)) {
      long at = position;
      while (into.hasRemaining()) {
        int read = channel.read(into, at);
        if (read < 0) {
          throw new Fault.Broken("object " + key + " ends before " + (at + into.remaining()));
        }
        at += read;
      }
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new Fault.Retriable("object " + key + " cannot be read: " + e, e);
    }
  }

  @Override
  public @Nullable StoredObject head(String key) {
    try {
      var attributes = Files.readAttributes(path(key), BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? new StoredObject(key, attributes.size(), attributes.lastModifiedTime().toMillis())
          : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new Fault.Retriable("object " + key + " cannot be looked up: " + e, e);
    }
  }

  @Override
  public ObjectPage list(String prefix, String startAfter, int maxObjects) {
    var listing = new FolderListing(ObjectKeys.checkPrefix(prefix), startAfter, maxObjects);
    try {
      listing.walk(folder);
      return listing.page();
    } catch (IOException e) {
      throw new Fault.Retriable("objects with " + prefix + " cannot be listed: " + e, e);
    }
  }

  @Override
  public void delete(List<String> keys) {
    for (String key : keys) {
      try {
        Files.deleteIfExists(path(key));
      } catch (IOException e) {
        throw new Fault.Retriable("object " + key + " cannot be deleted: " + e, e);
      }
    }
  }

  /** Of any prefix: a file being written does not tell its key. */
  @Override
  public void abandonUploads(String prefix, long begunBeforeMs) {
    ObjectKeys.checkPrefix(prefix);
    try {
      removeIncoming(incoming, begunBeforeMs);
    } catch (IOException e) {
      throw new Fault.Retriable("what uploads left behind cannot be removed: " + e, e);
    }
  }

  @Override
  public void close() {}

  /** The key check leaves no way out of the folder: no segment starts with a dot. */
  private Path path(String key) {
    return folder.resolve(ObjectKeys.checkKey(key));
  }

  private Path parent(Path target) {
    Path parent = target.getParent();
    return parent == null ? folder : parent;
  }
}
