package dev.vestibule.sink;

import org.jspecify.annotations.Nullable;

/**
 * Stored bytes that are no state of a version that is known. A sink stops over it: going on without
 * what it has done would do it again, or leave it undone.
 */
public final class UnreadableStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what cannot be read
   * @param consequence what would happen without it
   */
  public UnreadableStateException(String what, String consequence, @Nullable Throwable cause) {
    super(
        what
            + " is not readable by this release; "
            + consequence
            + ". Run the release that wrote it, with the same identity key",
        cause);
  }
}
