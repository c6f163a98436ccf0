package dev.vestibule.sink.access.target.webhook;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Trust.Pem;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an installation says about one receiver of webhooks.
 *
 * @param prefix of the keys, for messages; e.g. {@code vestibule.sinks.doors.}
 * @param url where to post: https, or http to an address of this machine that is allowed
 * @param keys {@code whsec_} and {@code whsk_} keys, all of which sign
 * @param allowedHosts hosts that may have an address inside; exactly these
 * @param trust the certificates to trust, or null for the public authorities
 */
public record WebhookSettings(
    String prefix,
    String url,
    List<Secret> keys,
    Set<String> allowedHosts,
    @Nullable Pem trust,
    Timeouts timeouts) {
  private static final Pattern HERE =
      Pattern.compile("http://(127\\.0\\.0\\.1|\\[::1])(?::\\d{1,5})?(?:/[!-~]*)?");

  public static final Timeouts TIMEOUTS = Timeouts.ofSeconds(3, 20);

  public WebhookSettings {
    keys = List.copyOf(keys);
    allowedHosts = Set.copyOf(allowedHosts);
    if (!isHttps(url) && !isHere(url, allowedHosts)) {
      throw new ConfigException(
          prefix + "url",
          "'"
              + Display.of(url)
              + "' is no address; expected one such as https://doors.example/hook");
    }
    if (keys.isEmpty()) {
      throw new ConfigException(
          prefix + "secrets", "'[]' is empty; expected at least one whsec_ or whsk_ key");
    }
  }

  URI uri() {
    return URI.create(url);
  }

  boolean insideAllowed() {
    String host = uri().getHost();
    return allowedHosts.stream()
        .anyMatch(
            allowed -> allowed.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT)));
  }

  WebhookSignature signature() {
    return new WebhookSignature(
        IntStream.range(0, keys.size())
            .mapToObj(i -> SigningKey.of(prefix + "secrets[" + i + "]", keys.get(i)))
            .toList());
  }

  /** A receiver beside us, for trying out: by its address, so that no name can point elsewhere. */
  private static boolean isHere(String url, Set<String> allowedHosts) {
    Matcher here = HERE.matcher(url);
    return here.matches() && allowedHosts.contains(here.group(1));
  }

  private static boolean isHttps(String url) {
    try {
      URI uri = URI.create(url);
      return "https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getFragment() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
