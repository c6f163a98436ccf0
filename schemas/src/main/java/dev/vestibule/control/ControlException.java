package dev.vestibule.control;

/** The control topic holds what this version does not understand. */
public final class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ControlException(String message) {
    super(message);
  }
}
