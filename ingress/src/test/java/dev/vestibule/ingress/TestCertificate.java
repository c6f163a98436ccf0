package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A self-signed certificate for 127.0.0.1 with its key, made by the JDK's own keytool. */
final class TestCertificate {
  private static final char[] PASSWORD = "for-tests".toCharArray();

  private final KeyStore store;

  private TestCertificate(KeyStore store) {
    this.store = store;
  }

  /**
   * @param algorithm {@code EC} or {@code RSA}
   */
  static TestCertificate make(Path folder, String commonName, String algorithm) throws Exception {
    Path file = folder.resolve(commonName + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "self",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + commonName,
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return new TestCertificate(store);
  }

  X509Certificate certificate() throws GeneralSecurityException {
    return (X509Certificate) store.getCertificate("self");
  }

  String certificatePem() throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate().getEncoded());
  }

  String keyPem() throws GeneralSecurityException {
    Key key = store.getKey("self", PASSWORD);
    return pem("PRIVATE KEY", key.getEncoded());
  }

  void write(Path folder) throws IOException, GeneralSecurityException {
    Files.writeString(folder.resolve("server.pem"), certificatePem());
    Files.writeString(folder.resolve("server.key"), keyPem());
  }

  /** A client that trusts these servers, and shows its own certificate where there is one. */
  static SSLContext client(@Nullable TestCertificate own, TestCertificate... servers)
      throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (TestCertificate server : servers) {
      trusted.setCertificateEntry("server-" + trusted.size(), server.certificate());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManager[] keys = own == null ? new KeyManager[0] : new KeyManager[] {new Always(own)};
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), new SecureRandom());
    return context;
  }

  /** Shows its certificate whomever the server says it trusts. */
  private static final class Always extends X509ExtendedKeyManager {
    private final TestCertificate own;

    Always(TestCertificate own) {
      this.own = own;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
      return new String[] {"self"};
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
      return "self";
    }

    @Override
    public String chooseEngineClientAlias(
        String[] keyTypes, Principal[] issuers, SSLEngine engine) {
      return "self";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      try {
        return new X509Certificate[] {own.certificate()};
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      try {
        return (PrivateKey) own.store.getKey("self", PASSWORD);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
      return null;
    }
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes), what);
  }
}
