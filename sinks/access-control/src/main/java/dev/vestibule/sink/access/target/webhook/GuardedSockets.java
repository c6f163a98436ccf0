package dev.vestibule.sink.access.target.webhook;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * Encrypted connections that look at the very address they are about to open, so that a name which
 * points elsewhere a moment after it was checked gains nothing.
 */
final class GuardedSockets extends SSLSocketFactory {
  private final SSLSocketFactory encrypted;
  private final boolean insideAllowed;

  GuardedSockets(SSLContext tls, boolean insideAllowed) {
    this.encrypted = tls.getSocketFactory();
    this.insideAllowed = insideAllowed;
  }

  /** An address that must not be reached. */
  static final class Forbidden extends IOException {
    private static final long serialVersionUID = 1L;

    Forbidden() {
      super("the host's address is inside");
    }
  }

  @Override
  public Socket createSocket() {
    return new Socket() {
      @Override
      public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
      }

      @Override
      public void connect(SocketAddress endpoint, int timeout) throws IOException {
        if (!insideAllowed
            && endpoint instanceof InetSocketAddress internet
            && !internet.isUnresolved()
            && AddressRule.isInside(internet.getAddress())) {
          throw new Forbidden();
        }
        super.connect(endpoint, timeout);
      }
    };
  }

  @Override
  public Socket createSocket(Socket plain, String host, int port, boolean autoClose)
      throws IOException {
    return encrypted.createSocket(plain, host, port, autoClose);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return encrypted.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return encrypted.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw unguarded();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unguarded();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw unguarded();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unguarded();
  }

  private static IOException unguarded() {
    return new IOException("connections are opened in one way only");
  }
}
