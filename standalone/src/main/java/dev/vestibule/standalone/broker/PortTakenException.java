package dev.vestibule.standalone.broker;

/** A TCP port that was asked for belongs to another process. */
public final class PortTakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int port;

  public PortTakenException(int port) {
    super("port " + port + " on 127.0.0.1 is taken by another process");
    this.port = port;
  }

  public int port() {
    return port;
  }
}
