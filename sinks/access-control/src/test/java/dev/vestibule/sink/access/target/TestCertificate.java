package dev.vestibule.sink.access.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.access.target.http.Trust.Pem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A certificate with its key, made by the JDK's own keytool, and its PEM files. */
public final class TestCertificate {
  private static final char[] PASSWORD = "for-tests".toCharArray();

  private static final Map<String, TestCertificate> MADE = new HashMap<>();

  private final Path folder;
  private final KeyStore store;

  private TestCertificate(Path folder, KeyStore store) {
    this.folder = folder;
    this.store = store;
  }

  /**
   * One that signs for itself; made once, and deleted when the tests end.
   *
   * @param names subject alternative names as keytool takes them, e.g. {@code ip:127.0.0.1}
   */
  public static synchronized TestCertificate of(String names) throws Exception {
    TestCertificate known = MADE.get(names);
    if (known == null) {
      known = make(names);
      MADE.put(names, known);
      Runtime.getRuntime().addShutdownHook(new Thread(known::delete));
    }
    return known;
  }

  private static TestCertificate make(String names) throws Exception {
    Path folder = Files.createTempDirectory("vestibule-certificate");
    Path file = folder.resolve("store.p12");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "self",
            "-keyalg",
            "EC",
            "-dname",
            "CN=test",
            "-ext",
            "san=" + names,
            "-storetype",
            "PKCS12",
            "-storepass",
            new String(PASSWORD),
            "-keystore",
            file.toString());
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    TestCertificate made = new TestCertificate(folder, store);
    Files.writeString(folder.resolve("certificate.pem"), made.certificatePem());
    Files.writeString(
        folder.resolve("key.pem"), pem("PRIVATE KEY", store.getKey("self", PASSWORD).getEncoded()));
    return made;
  }

  public Pem certificate(String key) {
    return new Pem(key, folder.resolve("certificate.pem"));
  }

  public Pem privateKey(String key) {
    return new Pem(key, folder.resolve("key.pem"));
  }

  /** What a server with it uses. */
  public SSLContext server(@Nullable TestCertificate trustedClient) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    TrustManagerFactory trust = null;
    if (trustedClient != null) {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("client", trustedClient.x509());
      trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
    }
    context.init(
        keys.getKeyManagers(), trust == null ? null : trust.getTrustManagers(), new SecureRandom());
    return context;
  }

  private X509Certificate x509() throws GeneralSecurityException {
    return (X509Certificate) store.getCertificate("self");
  }

  private String certificatePem() throws GeneralSecurityException {
    return pem("CERTIFICATE", x509().getEncoded());
  }

  private void delete() {
    try {
      for (String file : List.of("store.p12", "certificate.pem", "key.pem", ".")) {
        Files.deleteIfExists(folder.resolve(file).normalize());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes), what);
  }
}
