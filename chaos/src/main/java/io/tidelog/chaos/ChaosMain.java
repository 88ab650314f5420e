package io.tidelog.chaos;

import io.tidelog.chaos.world.Worlds;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * Entry point of {@code ./tidelog chaos} and {@code ./tidelog cluster}. It starts itself a second
 * time inside a world of its own, where there can be one, see {@link Worlds}.
 */
@Command(
    name = "./tidelog",
    subcommands = {ChaosCommand.class, ClusterCommand.class})
public final class ChaosMain {

  /** As the shell says when Ctrl-C ended a program. */
  private static final int INTERRUPTED = 130;

  private static final long END_TIMEOUT_S = 60;

  /** Of this process, to be given to the one inside. */
  private static List<String> arguments = List.of();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "this text")
  boolean help;

  private ChaosMain() {}

  public static void main(String[] args) throws Exception {
    System.setProperty("logback.configurationFile", "chaos-logback.xml");
    System.exit(run(List.of(args)));
  }

  private static int run(List<String> args) throws Exception {
    arguments = args;
    if (args.contains(Worlds.INSIDE)) {
      endWithStarter();
    }
    return new CommandLine(new ChaosMain())
        .setExecutionExceptionHandler(ChaosMain::explain)
        .execute(args.toArray(String[]::new));
  }

  /**
   * Runs this very command again, inside; its status.
   *
   * @param entrance of {@link Worlds#entrance}
   */
  static int runInside(List<String> entrance) throws IOException {
    var command = new ArrayList<>(entrance);
    var again = new ArrayList<>(arguments);
    again.add(Worlds.INSIDE);
    command.addAll(Worlds.java(ChaosMain.class, again));
    var inside =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(inside)));
    try {
      return inside.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return INTERRUPTED;
    }
  }

  /** Its input ends first: then it stops in order what it can. */
  private static void end(Process inside) {
    try {
      inside.getOutputStream().close();
      if (!inside.waitFor(END_TIMEOUT_S, TimeUnit.SECONDS)) {
        inside.toHandle().destroyForcibly();
      }
    } catch (IOException e) {
      inside.toHandle().destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Our standard input is a pipe that nobody writes to; it ends when whoever holds it ends. */
  private static void endWithStarter() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                long unused = System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // It is gone.
              }
              System.exit(INTERRUPTED);
            });
  }

  private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (failure instanceof IOException) {
      command.getErr().println("tidelog: " + failure.getMessage());
      return command.getCommandSpec().exitCodeOnExecutionException();
    }
    throw failure;
  }
}
