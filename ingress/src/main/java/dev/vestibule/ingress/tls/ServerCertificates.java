package dev.vestibule.ingress.tls;

import io.micronaut.http.ssl.CertificateProvider;
import java.security.KeyStore;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Sinks;

/**
 * What new connections are greeted with. A newer state holds for handshakes from then on;
 * connections that are open stay as they are.
 */
public final class ServerCertificates {
  private final Sinks.Many<KeyStore> keys = Sinks.many().replay().latest();
  private final Sinks.Many<KeyStore> trusted = Sinks.many().replay().latest();
  private final boolean asksClients;

  /**
   * @throws dev.vestibule.config.ConfigException when the files cannot be used
   */
  public ServerCertificates(PemFiles files) {
    this.asksClients = files.clientCa() != null;
    use(files);
  }

  /**
   * Takes over other files as a whole, or changes nothing.
   *
   * @throws dev.vestibule.config.ConfigException when they cannot be used
   */
  public void use(PemFiles files) {
    KeyStore key = files.keyStore();
    KeyStore trust = files.trustStore();
    keys.tryEmitNext(key).orThrow();
    trusted.tryEmitNext(trust).orThrow();
  }

  /** Whether clients may show a certificate. */
  public boolean asksClients() {
    return asksClients;
  }

  /** The server's own, for Micronaut. */
  public CertificateProvider own(String name) {
    return new Named(name, keys.asFlux());
  }

  /** Those whose client certificates are trusted, for Micronaut. */
  public CertificateProvider trusted(String name) {
    return new Named(name, trusted.asFlux());
  }

  private record Named(String name, Publisher<KeyStore> store) implements CertificateProvider {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public Publisher<KeyStore> getKeyStore() {
      return store;
    }
  }
}
