package io.tidelog.testkit.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real ext4 file system whose power can be cut at any moment: the kernel is told to stop writing
 * at once (FS_IOC_SHUTDOWN without a flush of its journal), so what no sync has brought to the disk
 * is gone when it is mounted again. Between the cut and {@link #restore} whoever uses it sees input
 * and output errors.
 *
 * <p>Harsher than a default mount: the journal commits only when somebody syncs, and a renamed file
 * is not synced on the side. Not modelled: torn sectors, and a disk that lies about a flush.
 *
 * <p>Needs root, a loop device, and the Debian packages util-linux, e2fsprogs and xfsprogs. It is
 * mounted in a mount namespace that a child process holds, so that nothing stays mounted when the
 * process that asked for it is killed. One thread at a time.
 */
public final class CrashableDisk implements AutoCloseable {

  private static final String MOUNT_OPTIONS = "loop,noauto_da_alloc,commit=300";
  private static final long COMMAND_TIMEOUT_S = 60;

  private final Process holder;
  private final Path image;
  private final Path mountPoint;

  private CrashableDisk(Process holder, Path image, Path mountPoint) {
    this.holder = holder;
    this.image = image;
    this.mountPoint = mountPoint;
  }

  /**
   * Makes an empty file system and mounts it.
   *
   * @param folder for its image, which takes as much space as is written to it
   * @throws IOException when this machine cannot; the message says what it takes
   */
  public static CrashableDisk create(Path folder, long sizeBytes) throws IOException {
    var absolute = folder.toAbsolutePath();
    var image = absolute.resolve("disk.img");
    var mountPoint = Files.createDirectories(absolute.resolve("mounted"));
    run(List.of("truncate", "--size=" + sizeBytes, image.toString()));
    run(List.of("mkfs.ext4", "-q", "-F", image.toString()));
    var disk = new CrashableDisk(holdNamespace(), image, mountPoint);
    boolean mounted = false;
    try {
      disk.mount();
      mounted = true;
      return disk;
    } finally {
      if (!mounted) {
        disk.close();
      }
    }
  }

  /** Ends when its standard input does, and with it the namespace, its mounts and loop devices. */
  private static Process holdNamespace() throws IOException {
    var holder =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "echo ready && exec cat")
            .redirectErrorStream(true)
            .start();
    var ready = "ready\n".getBytes(StandardCharsets.US_ASCII);
    var answer = holder.getInputStream().readNBytes(ready.length);
    if (!new String(answer, StandardCharsets.US_ASCII).equals("ready\n")) {
      holder.destroyForcibly();
      throw new IOException("no mount namespace of our own; this needs root");
    }
    return holder;
  }

  /** Its root, by a path that works in every process that may see the holder's files. */
  public Path folder() {
    return Path.of("/proc", Long.toString(holder.pid()), "root").resolve(relative(mountPoint));
  }

  /**
   * From now on nothing reaches the disk; every use of it fails. But a sync that is under way in
   * this moment may be told that it succeeded: the kernel finds the transaction it waited for gone
   * and takes that for done. Whoever draws conclusions from syncs stops listening before the cut.
   */
  public void cutPower() throws IOException {
    run(List.of("xfs_io", "-x", "-c", "shutdown", folder().toString()));
  }

  /** Brings the file system back as its disk has it; nobody may have a file of it open. */
  public void restore() throws IOException {
    runInside("umount", mountPoint.toString());
    mount();
  }

  private void mount() throws IOException {
    runInside("mount", "-t", "ext4", "-o", MOUNT_OPTIONS, image.toString(), mountPoint.toString());
  }

  private void runInside(String... command) throws IOException {
    var all = new ArrayList<>(List.of("nsenter", "--mount=/proc/" + holder.pid() + "/ns/mnt"));
    all.addAll(List.of(command));
    run(all);
  }

  private static void run(List<String> command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output;
    try (InputStream lines = process.getInputStream()) {
      output = new String(lines.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    try {
      if (!process.waitFor(COMMAND_TIMEOUT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end in " + COMMAND_TIMEOUT_S + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + command, e);
    }
    // xfs_io tells an error and ends with 0.
    if (process.exitValue() != 0 || !output.isEmpty()) {
      throw new IOException(
          command
              + " failed with "
              + process.exitValue()
              + ": "
              + output
              + " (a disk whose power can be cut needs root, a loop device, and the packages"
              + " util-linux, e2fsprogs and xfsprogs)");
    }
  }

  private static Path relative(Path absolute) {
    return absolute.getRoot().relativize(absolute);
  }

  /** Unmounts it; who still has files open keeps them until it ends. May be called twice. */
  @Override
  public void close() throws IOException {
    holder.getOutputStream().close();
    holder.onExit().join();
  }
}
