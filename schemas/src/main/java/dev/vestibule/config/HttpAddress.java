package dev.vestibule.config;

import java.net.URI;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What counts as an address of an HTTP service. */
public final class HttpAddress {
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[(0*:)*:?0*1]", Pattern.CASE_INSENSITIVE);

  private HttpAddress() {}

  /** Whether it is one http or https URL, or several with commas between. */
  public static boolean isValid(String urls) {
    return Arrays.stream(urls.split(",", -1)).map(String::strip).allMatch(HttpAddress::isOne);
  }

  /** Whether a URL's host is this machine, by its spelling alone. */
  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
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
