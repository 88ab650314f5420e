package io.tidelog.hot.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The id that the Linux kernel draws at each start of the machine ({@code random(4)}). */
public final class KernelBootId {

  private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

  private KernelBootId() {}

  /** Blocking. */
  public static String read() throws IOException {
    return Files.readString(FILE).strip();
  }
}
