package io.tidelog.simulation.log;

/** Something that must always hold did not. */
public final class Violation extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public Violation(String message) {
    super(message);
  }
}
