package dev.vestibule.serde;

import org.jspecify.annotations.Nullable;

/** The schema registry refused, did not know, or could not be reached. */
public final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean retriable;

  /** A definite answer: asking again would not change it. */
  public RegistryException(String message) {
    this(message, null, false);
  }

  /** A definite answer: asking again would not change it. */
  public RegistryException(String message, Throwable cause) {
    this(message, cause, false);
  }

  RegistryException(String message, @Nullable Throwable cause, boolean retriable) {
    super(message, cause);
    this.retriable = retriable;
  }

  /** No answer, or a busy one: the same question may be answered later. */
  static RegistryException unavailable(String message, @Nullable Throwable cause) {
    return new RegistryException(message, cause, true);
  }

  /** Whether the registry was out of reach, so that asking again later can succeed. */
  public boolean retriable() {
    return retriable;
  }
}
