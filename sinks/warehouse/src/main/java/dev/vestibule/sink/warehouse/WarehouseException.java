package dev.vestibule.sink.warehouse;

/** The warehouse could not be opened, read or written. The message never quotes a row. */
public final class WarehouseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WarehouseException(String message) {
    super(message);
  }

  WarehouseException(String message, Throwable cause) {
    super(message, cause);
  }
}
