package io.tidelog.core;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong, told as what the caller may do about it. Every failure that crosses a module
 * boundary is one of the five kinds below.
 */
public abstract sealed class Fault extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private Fault(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Nothing happened; the same call may succeed later. */
  public static final class Retriable extends Fault {
    private static final long serialVersionUID = 1L;

    public Retriable(String message) {
      this(message, null);
    }

    public Retriable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** It may have happened; read back before deciding anything. */
  public static final class Uncertain extends Fault {
    private static final long serialVersionUID = 1L;

    public Uncertain(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Refused for an old term, epoch or lease: the caller is no longer who it thinks it is. */
  public static final class Fenced extends Fault {
    private static final long serialVersionUID = 1L;

    public Fenced(String message) {
      super(message, null);
    }
  }

  /** The request is wrong and stays wrong; {@link #refusal} says how, in Kafka's words. */
  public static final class Refused extends Fault {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    public Refused(Refusal refusal, String message) {
      super(message, null);
      this.refusal = refusal;
    }

    public Refusal refusal() {
      return refusal;
    }
  }

  /** A bug or damage: stop using the thing it speaks of and tell the operator. */
  public static final class Broken extends Fault {
    private static final long serialVersionUID = 1L;

    public Broken(String message) {
      this(message, null);
    }

    public Broken(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
