package dev.vestibule.ingress.webhook;

import dev.vestibule.config.ConnectionLimits;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The Micronaut server. Configured here and nowhere else: no file on the class path, environment
 * variable or system property changes it.
 */
public final class WebhookServer implements AutoCloseable {
  private static final long GRACE_SECONDS = 6;

  private final ApplicationContext context;
  private final EmbeddedServer server;

  private WebhookServer(ApplicationContext context, EmbeddedServer server) {
    this.context = context;
    this.server = server;
  }

  /** Opens the port; 0 means any free one. */
  public static WebhookServer start(
      String host, int port, ConnectionLimits limits, Webhooks webhooks, Sources sources) {
    ApplicationContext context =
        ApplicationContext.builder()
            .banner(false)
            .deduceEnvironment(false)
            .deduceCloudEnvironment(false)
            .environmentPropertySource(false)
            .enableDefaultPropertySources(false)
            .bootstrapEnvironment(false)
            .properties(settings(host, port, limits))
            .singletons(webhooks, sources, limits)
            .start();
    try {
      EmbeddedServer server = context.getBean(EmbeddedServer.class);
      server.start();
      return new WebhookServer(context, server);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
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
