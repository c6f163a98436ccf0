package dev.vestibule.ingress.webhook;

import dev.vestibule.ingress.signature.HeaderValues;
import java.io.InputStream;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request as it comes in, its body unread.
 *
 * @param source name in the path; where somebody has clicked, that of a sink
 * @param pathKey secret in the path, or null; never printed
 * @param headers the request's headers
 * @param peer the other end of the connection
 * @param certificate what the sender has shown in the handshake, checked against the client CA;
 *     null without TLS, or where it has shown none
 * @param announcedBytes {@code Content-Length}, or -1
 * @param body opens the body; at most once
 */
public record WebhookRequest(
    String source,
    @Nullable String pathKey,
    HeaderValues headers,
    InetAddress peer,
    @Nullable X509Certificate certificate,
    long announcedBytes,
    Supplier<InputStream> body) {

  @Override
  public String toString() {
    return "WebhookRequest[redacted]";
  }
}
