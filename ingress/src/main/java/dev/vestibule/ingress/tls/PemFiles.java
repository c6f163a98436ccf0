package dev.vestibule.ingress.tls;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.TlsConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the TLS files of an installation hold; equal when nothing has changed.
 *
 * @param certificate PEM: the server's certificate, then those that lead to its root
 * @param key PEM: the private key, as PKCS#8 without password
 * @param clientCa PEM: whose client certificates are trusted, or null when none are asked for
 */
public record PemFiles(String certificate, String key, @Nullable String clientCa) {
  private static final String CERTIFICATE = "ingress.tls.certificate";
  private static final String KEY = "ingress.tls.key";
  private static final String CLIENT_CA = "ingress.tls.client-ca";
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final String ALIAS = "server";

  /**
   * Reads the files.
   *
   * @throws ConfigException when one cannot be read
   */
  public static PemFiles read(TlsConfig config) {
    Path clientCa = config.clientCa();
    return new PemFiles(
        text(CERTIFICATE, config.certificate()),
        text(KEY, config.key()),
        clientCa == null ? null : text(CLIENT_CA, clientCa));
  }

  private static String text(String setting, Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new ConfigException(setting, "file '" + file + "' cannot be read; expected a PEM file");
    }
  }

  /** The server's certificates in their order. */
  public List<X509Certificate> chain() {
    return certificates(CERTIFICATE, certificate);
  }

  /**
   * Certificate and key, fit for use.
   *
   * @throws ConfigException when they cannot be understood or do not belong together
   */
  KeyStore keyStore() {
    List<X509Certificate> chain = chain();
    PrivateKey privateKey = privateKey(chain.getFirst().getPublicKey().getAlgorithm());
    try {
      if (!belongs(privateKey, chain.getFirst())) {
        throw new ConfigException(
            KEY, "does not belong to the certificate; expected the key that it was issued for");
      }
      KeyStore store = empty();
      store.setKeyEntry(ALIAS, privateKey, null, chain.toArray(X509Certificate[]::new));
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new ConfigException(KEY, "cannot be used with the certificate");
    }
  }

  /**
   * Whom to trust; nobody where no client certificates are asked for.
   *
   * @throws ConfigException when the file holds no certificates
   */
  KeyStore trustStore() {
    try {
      KeyStore store = empty();
      if (clientCa != null) {
        for (X509Certificate trusted : certificates(CLIENT_CA, clientCa)) {
          store.setCertificateEntry("client-ca-" + store.size(), trusted);
        }
      }
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new ConfigException(CLIENT_CA, "cannot be used");
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<X509Certificate> certificates(String setting, String pem) {
    try {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!certificates.isEmpty()) {
        return certificates;
      }
    } catch (CertificateException e) {
      // Falls through to the one message.
    }
    throw new ConfigException(
        setting, "holds no certificate; expected PEM that begins -----BEGIN CERTIFICATE-----");
  }

  private PrivateKey privateKey(String algorithm) {
    Matcher pem = PKCS8.matcher(key);
    if (pem.find()) {
      try {
        byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        throw new ConfigException(
            KEY, "is no key for " + algorithm + "; expected the key of the certificate");
      }
    }
    throw new ConfigException(
        KEY,
        "holds no plain PKCS#8 key; expected -----BEGIN PRIVATE KEY-----, as written by: openssl"
            + " pkcs8 -topk8 -nocrypt");
  }

  private static boolean belongs(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] probe = {1};
    Signature signs = Signature.getInstance(algorithm);
    signs.initSign(key);
    signs.update(probe);
    byte[] signature = signs.sign();
    Signature verifies = Signature.getInstance(algorithm);
    verifies.initVerify(certificate.getPublicKey());
    verifies.update(probe);
    return verifies.verify(signature);
  }

  @Override
  public String toString() {
    return "PemFiles[redacted]";
  }
}
