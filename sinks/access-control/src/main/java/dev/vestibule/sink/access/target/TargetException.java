package dev.vestibule.sink.access.target;

import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call to a target that did not go well. The message holds no secret and nothing of a visitor.
 */
public final class TargetException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What is to be done about it. */
  public enum Kind {
    /**
     * The request that failed had no effect, earlier ones of the same call may have had theirs; the
     * same call may help later.
     */
    RETRY,
    /** It may or may not have happened; the same call looks first and may be repeated. */
    AMBIGUOUS,
    /** The target does not take what was asked; asking again will not help. */
    REJECTED,
    /** We are not let in: a person must look, and nobody should knock on until then. */
    AUTH
  }

  private final Kind kind;
  private final @Nullable Duration retryAfter;

  /**
   * @param message which call, the status or code that came back, and what to do
   */
  public TargetException(Kind kind, String message) {
    this(kind, message, null);
  }

  /**
   * @param retryAfter how long the target wants to be left alone, or null where it does not say
   */
  public TargetException(Kind kind, String message, @Nullable Duration retryAfter) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  public Kind kind() {
    return kind;
  }

  /** How long the target wants to be left alone, or null where it does not say. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
