package io.tidelog.chaos.world;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process on a machine of the run that can be ended in every way and started again with the same
 * command. Not safe for use by several threads at a time.
 */
public final class Server implements AutoCloseable {

  private static final long END_TIMEOUT_S = 30;

  private final Network network;
  private final Host host;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path folder;
  private @Nullable Process process;
  private boolean isPaused;
  private long outputAtStart;

  /**
   * @param folder for its output, file {@code output}, and its process id, file {@code pid}
   */
  public Server(
      Network network,
      Host host,
      List<String> command,
      Map<String, String> environment,
      Path folder) {
    this.network = network;
    this.host = host;
    this.command = List.copyOf(command);
    this.environment = new LinkedHashMap<>(environment);
    this.folder = folder;
  }

  public Host host() {
    return host;
  }

  public String name() {
    return host.name();
  }

  public Path folder() {
    return folder;
  }

  public Path output() {
    return folder.resolve("output");
  }

  /** Whether it has written this since it was started last. */
  public boolean hasWritten(String text) throws IOException {
    var all = Files.readAllBytes(output());
    int from = (int) Math.min(outputAtStart, all.length);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8).contains(text);
  }

  /** Does not wait until it serves. */
  public void start() throws IOException {
    if (isRunning()) {
      throw new IOException(host + " runs already");
    }
    Files.createDirectories(folder);
    outputAtStart = Files.exists(output()) ? Files.size(output()) : 0;
    var builder =
        new ProcessBuilder(network.on(host, command))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()));
    builder.environment().putAll(environment);
    process = builder.start();
    network.started(host, process.toHandle());
    isPaused = false;
    PidFile.write(folder.resolve("pid"), process.toHandle());
  }

  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  public boolean isPaused() {
    return isPaused && isRunning();
  }

  /**
   * @throws IOException when it does not run
   */
  public long pid() throws IOException {
    return running().pid();
  }

  private Process running() throws IOException {
    if (process == null || !process.isAlive()) {
      throw new IOException(host + " does not run; its output is in " + output());
    }
    return process;
  }

  /** Ends its standard input, which some take for the wish that they end. */
  public void endInput() throws IOException {
    running().getOutputStream().close();
  }

  /** Whether it ended in time, with status 0. */
  public boolean awaitEnd(long timeoutMs) throws IOException {
    var ending = process;
    return ending != null && Pause.untilEnd(ending, timeoutMs) && ending.exitValue() == 0;
  }

  /** {@code kill -9}; whatever it had is gone but its files. Nothing if it does not run. */
  public void kill() throws IOException {
    var ending = process;
    if (ending != null && ending.isAlive()) {
      ending.toHandle().destroyForcibly();
      // Also when we were interrupted: nothing may be left behind.
      ending.onExit().orTimeout(END_TIMEOUT_S, TimeUnit.SECONDS).join();
    }
    isPaused = false;
  }

  /** SIGTERM, and kill -9 if that is not enough; whether it was. */
  public boolean stop(long timeoutMs) throws IOException {
    var ending = process;
    if (ending == null || !ending.isAlive()) {
      return true;
    }
    if (isPaused) {
      resume();
    }
    ending.toHandle().destroy();
    boolean isEnded = Pause.untilEnd(ending, timeoutMs);
    kill();
    return isEnded;
  }

  /** SIGSTOP: its connections stay, and nothing answers. */
  public void pause() throws IOException {
    signal("STOP");
    isPaused = true;
  }

  /** SIGCONT. */
  public void resume() throws IOException {
    signal("CONT");
    isPaused = false;
  }

  private void signal(String name) throws IOException {
    Programs.runOrThrow(List.of("kill", "-" + name, Long.toString(running().pid())), "");
  }

  @Override
  public void close() throws IOException {
    kill();
  }
}
