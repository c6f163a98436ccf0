package dev.vestibule.sink.access.target.http;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Knows servers by their very certificate, as consoles have that sign for themselves and name no
 * host; everybody else must satisfy the authorities, name included.
 */
final class PinnedCertificates extends X509ExtendedTrustManager {
  private final List<X509Certificate> pinned;
  private final X509ExtendedTrustManager authorities;

  PinnedCertificates(List<X509Certificate> pinned, X509ExtendedTrustManager authorities) {
    this.pinned = List.copyOf(pinned);
    this.authorities = authorities;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    if (!isPinned(chain)) {
      authorities.checkServerTrusted(chain, authType, engine);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    if (!isPinned(chain)) {
      authorities.checkServerTrusted(chain, authType, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("without a connection no server's name can be checked");
  }

  private boolean isPinned(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || !pinned.contains(chain[0])) {
      return false;
    }
    chain[0].checkValidity();
    return true;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("serves nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("serves nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("serves nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }
}
