package dev.vestibule.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A self-signed certificate made by the JDK's own keytool, as a.pem and a.key in a folder. */
public final class MadeCertificate {
  private static final String PASSWORD = "for-tests";

  private final KeyStore store;

  private MadeCertificate(KeyStore store) {
    this.store = store;
  }

  /**
   * @param more arguments of keytool
   */
  public static MadeCertificate in(Path folder, String... more) throws Exception {
    Path file = folder.resolve("a.p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-Duser.timezone=UTC"));
    command.addAll(List.of("-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=a"));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", file.toString()));
    command.addAll(List.of(more));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
    Files.writeString(
        folder.resolve("a.pem"), pem("CERTIFICATE", store.getCertificate("a").getEncoded()));
    Files.writeString(
        folder.resolve("a.key"),
        pem("PRIVATE KEY", store.getKey("a", PASSWORD.toCharArray()).getEncoded()));
    return new MadeCertificate(store);
  }

  /** For a server that shows it. */
  HttpsConfigurator server() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return new HttpsConfigurator(context);
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(what, Base64.getMimeEncoder().encodeToString(bytes), what);
  }
}
