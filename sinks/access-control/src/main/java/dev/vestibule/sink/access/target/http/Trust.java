package dev.vestibule.sink.access.target.http;

import dev.vestibule.config.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom a target's connection trusts, and what it shows of itself, from PEM files. */
public final class Trust {
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private Trust() {}

  /**
   * A PEM file of a setting.
   *
   * @param key the setting, for messages
   */
  public record Pem(String key, Path file) {
    private String text() {
      try {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        throw new ConfigException(key, "file '" + file + "' cannot be read; expected a PEM file");
      }
    }

    private List<X509Certificate> certificates() {
      try {
        List<X509Certificate> found =
            CertificateFactory.getInstance("X.509")
                .generateCertificates(
                    new ByteArrayInputStream(text().getBytes(StandardCharsets.ISO_8859_1)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
        if (!found.isEmpty()) {
          return found;
        }
      } catch (CertificateException e) {
        // Falls through to the one message.
      }
      throw new ConfigException(
          key,
          "file '" + file + "' holds no certificate; expected PEM: -----BEGIN CERTIFICATE-----");
    }

    private PrivateKey privateKey(String algorithm) {
      Matcher pem = PKCS8.matcher(text());
      if (pem.find()) {
        try {
          byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
          return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
          throw new ConfigException(
              key,
              "file '"
                  + file
                  + "' is no key for "
                  + algorithm
                  + "; expected the certificate's key");
        }
      }
      throw new ConfigException(
          key,
          "file '"
              + file
              + "' holds no plain PKCS#8 key; expected -----BEGIN PRIVATE KEY-----, as written by:"
              + " openssl pkcs8 -topk8 -nocrypt");
    }
  }

  /**
   * Trusts what is in a file and nobody else: a server that shows exactly one of its certificates,
   * whatever host it names, or one that an authority in it vouches for under the right name.
   *
   * @param trusted or null for the public authorities
   * @param certificate what to show to a server that asks, or null; its chain may follow
   * @param privateKey of the certificate, or null
   * @throws ConfigException when a file cannot be used
   */
  public static SSLContext of(
      @Nullable Pem trusted, @Nullable Pem certificate, @Nullable Pem privateKey) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          certificate == null || privateKey == null ? null : shown(certificate, privateKey),
          trusted == null ? null : new TrustManager[] {pinned(trusted.certificates())},
          new SecureRandom());
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new ConfigException(
          trusted == null ? "trust" : trusted.key(), "cannot be used for TLS");
    }
  }

  private static KeyManager[] shown(Pem certificate, Pem privateKey) {
    List<X509Certificate> chain = certificate.certificates();
    return new KeyManager[] {
      new OwnCertificate(
          chain, privateKey.privateKey(chain.getFirst().getPublicKey().getAlgorithm()))
    };
  }

  private static TrustManager pinned(List<X509Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (X509Certificate certificate : certificates) {
      store.setCertificateEntry("trusted-" + store.size(), certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager authorities) {
        return new PinnedCertificates(certificates, authorities);
      }
    }
    throw new GeneralSecurityException("no trust manager for X.509");
  }
}
