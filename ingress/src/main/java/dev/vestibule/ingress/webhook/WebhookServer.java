package dev.vestibule.ingress.webhook;

import dev.vestibule.config.ConnectionLimits;
import dev.vestibule.ingress.tls.ServerCertificates;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.ssl.CertificateProvider;
import io.micronaut.inject.qualifiers.Qualifiers;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The Micronaut server. Configured here and nowhere else: no file on the class path, environment
 * variable or system property changes it.
 */
public final class WebhookServer implements AutoCloseable {
  private static final long GRACE_SECONDS = 6;
  private static final String OWN = "own";
  private static final String CLIENTS = "clients";

  private final ApplicationContext context;
  private final EmbeddedServer server;

  private WebhookServer(ApplicationContext context, EmbeddedServer server) {
    this.context = context;
    this.server = server;
  }

  /** Opens the port for plain HTTP; 0 means any free one. */
  public static WebhookServer start(
      String host, int port, ConnectionLimits limits, Webhooks webhooks, Sources sources) {
    return start(host, port, limits, webhooks, sources, null);
  }

  /** Opens the port, with TLS and HTTP/2 where there are certificates; 0 means any free one. */
  public static WebhookServer start(
      String host,
      int port,
      ConnectionLimits limits,
      Webhooks webhooks,
      Sources sources,
      @Nullable ServerCertificates certificates) {
    Map<String, Object> settings = new HashMap<>(settings(host, port, limits));
    if (certificates != null) {
      settings.putAll(tls(port, limits, certificates.asksClients()));
    }
    ApplicationContext context =
        ApplicationContext.builder()
            .banner(false)
            .deduceEnvironment(false)
            .deduceCloudEnvironment(false)
            .environmentPropertySource(false)
            .enableDefaultPropertySources(false)
            .bootstrapEnvironment(false)
            .properties(settings)
            .singletons(webhooks, sources, limits)
            .build();
    try {
      if (certificates != null) {
        register(context, certificates.own(OWN));
        register(context, certificates.trusted(CLIENTS));
      }
      context.start();
      EmbeddedServer server = context.getBean(EmbeddedServer.class);
      server.start();
      return new WebhookServer(context, server);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  private static void register(ApplicationContext context, CertificateProvider provider) {
    context.registerSingleton(
        CertificateProvider.class, provider, Qualifiers.byName(provider.getName()));
  }

  private static Map<String, Object> tls(int port, ConnectionLimits limits, boolean asksClients) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("micronaut.server.http-version", "2.0");
    settings.put("micronaut.server.ssl.enabled", true);
    settings.put("micronaut.server.ssl.port", port == 0 ? -1 : port);
    settings.put("micronaut.server.ssl.key-name", OWN);
    // A channel for each stream, so that the bounds of a request hold for each.
    settings.put("micronaut.server.netty.legacy-multiplex-handlers", true);
    settings.put("micronaut.server.netty.http2.max-concurrent-streams", 100);
    settings.put("micronaut.server.netty.http2.max-header-list-size", limits.maxHeaderBytes());
    if (asksClients) {
      settings.put("micronaut.server.ssl.trust-name", CLIENTS);
      // Each source says for itself whether it must be there.
      settings.put("micronaut.server.ssl.client-authentication", "want");
    }
    return settings;
  }

  private static Map<String, Object> settings(String host, int port, ConnectionLimits limits) {
    return Map.ofEntries(
        Map.entry("micronaut.application.name", "vestibule-ingress"),
        Map.entry("micronaut.server.host", host),
        Map.entry("micronaut.server.port", port == 0 ? -1 : port),
        // The limit of a body is the source's own.
        Map.entry("micronaut.server.max-request-size", Long.MAX_VALUE),
        Map.entry("micronaut.server.max-request-buffer-size", Integer.MAX_VALUE - 1),
        Map.entry("micronaut.server.idle-timeout", limits.idleTimeout()),
        // An Origin header proves nothing here, and the default refuses it on loopback with 403.
        Map.entry("micronaut.server.cors.localhost-pass-through", true),
        // Signatures cover the bytes on the wire.
        Map.entry("micronaut.server.netty.request-decompression-enabled", false),
        Map.entry("micronaut.server.netty.max-header-size", limits.maxHeaderBytes()),
        Map.entry("micronaut.server.netty.max-initial-line-length", 8 * 1024),
        Map.entry("micronaut.server.netty.server-type", "streamed"));
  }

  public int port() {
    return server.getPort();
  }

  /** Stops accepting, waits a few seconds for requests under way, then cuts the rest off. */
  @Override
  public void close() {
    if (server instanceof GracefulShutdownCapable graceful) {
      try {
        graceful.shutdownGracefully().toCompletableFuture().get(GRACE_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        // Closing the context cuts off what is left.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    context.close();
  }
}
