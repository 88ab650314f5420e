package io.tidelog.app;

import io.tidelog.app.cli.TidelogCommand;

/** Entry point of every {@code ./tidelog} command; the exit status is the command's. */
public final class TidelogMain {

  private TidelogMain() {}

  public static void main(String[] args) {
    int status = TidelogCommand.run(args);
    if (status != 0) {
      System.exit(status);
    }
  }
}
