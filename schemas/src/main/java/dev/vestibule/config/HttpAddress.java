package dev.vestibule.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What counts as an address of an HTTP service. */
public final class HttpAddress {
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private HttpAddress() {}

  /** Whether it is one http or https URL, or several with commas between. */
  public static boolean isValid(String urls) {
    return Arrays.stream(urls.split(",", -1)).map(String::strip).allMatch(HttpAddress::isOne);
  }

  /**
   * Whether secrets may go there: one https URL, or an http URL that stays on this machine; with
   * neither query nor fragment.
   */
  public static boolean isPrivate(String url) {
    if (!isOne(url)) {
      return false;
    }
    URI uri = URI.create(url);
    return uri.getRawQuery() == null
        && uri.getRawFragment() == null
        && (uri.getScheme().equals("https") || isLoopback(uri.getHost()));
  }

  /** Whether a URL's host is this machine, by its spelling alone. */
  public static boolean isLoopback(String host) {
    try {
      return host.equalsIgnoreCase("localhost")
          || InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static boolean isHost(String host) {
    return HOST.matcher(host).matches();
  }

  private static boolean isOne(String url) {
    try {
      URI uri = URI.create(url);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getPort() <= 65_535;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
