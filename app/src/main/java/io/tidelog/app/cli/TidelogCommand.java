package io.tidelog.app.cli;

import io.tidelog.core.Fault;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.ApiException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command line: help, and one line instead of a stack trace when it fails. */
@Command(
    name = "tidelog",
    description = "A streaming service that speaks the Kafka protocol.",
    subcommands = {
      StartCommand.class,
      DemoCommand.class,
      TopicsCommand.class,
      ProduceCommand.class,
      ConsumeCommand.class,
      GroupsCommand.class,
      AdminCommand.class,
      DocsCommand.class,
      WarmUpCommand.class
    })
public final class TidelogCommand {

  /** What a person types: the start script of a release names itself. */
  static final String NAME = System.getProperty("tidelog.command", "./tidelog");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "this text")
  boolean help;

  private TidelogCommand() {}

  /** Runs the command that {@code args} name and gives its exit status; 2 for wrong arguments. */
  public static int run(String... args) {
    return new CommandLine(new TidelogCommand())
        .setCommandName(NAME)
        .setExecutionExceptionHandler(TidelogCommand::explain)
        .execute(args);
  }

  private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    Throwable cause = failure instanceof ExecutionException ? failure.getCause() : failure;
    if (cause instanceof Fault || cause instanceof ApiException) {
      command.getErr().println("tidelog: " + cause.getMessage());
      return command.getCommandSpec().exitCodeOnExecutionException();
    }
    throw failure;
  }
}
