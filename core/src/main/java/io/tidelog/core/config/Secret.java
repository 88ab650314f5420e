package io.tidelog.core.config;

/** A text that no log line, message or answer shows; whoever needs it asks with {@link #reveal}. */
public final class Secret {

  /** What is shown instead. */
  public static final String HIDDEN = "[hidden]";

  private final String text;

  public Secret(String text) {
    this.text = text;
  }

  /** The text itself, for the one call that sends it. */
  public String reveal() {
    return text;
  }

  public boolean isEmpty() {
    return text.isEmpty();
  }

  @Override
  public String toString() {
    return HIDDEN;
  }
}
