package io.tidelog.chaos;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;

/** Prints what is done, each with the seconds since it was made. */
final class Progress implements Consumer<String> {

  private final PrintStream out;
  private final long startNs = System.nanoTime();

  Progress(PrintStream out) {
    this.out = out;
  }

  @Override
  public void accept(String line) {
    out.printf(Locale.ROOT, "%7.1f  %s%n", (System.nanoTime() - startNs) / 1e9, line);
  }
}
