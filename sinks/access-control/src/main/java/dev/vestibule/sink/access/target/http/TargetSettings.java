package dev.vestibule.sink.access.target.http;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** What the settings of all targets are held to. */
public final class TargetSettings {
  private static final Pattern MARKER = Pattern.compile("[a-z0-9]{1,20}");
  private static final Pattern LOOPBACK =
      Pattern.compile("127\\.\\d+\\.\\d+\\.\\d+|\\[::1]|localhost");

  private TargetSettings() {}

  /**
   * The base address of an API, without a slash at its end. Unencrypted only to this machine.
   *
   * @throws ConfigException when it is none
   */
  public static URI address(String key, String text) {
    try {
      URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      String host = uri.getHost();
      if (host != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null
          && ("https".equals(uri.getScheme())
              || ("http".equals(uri.getScheme()) && LOOPBACK.matcher(host).matches()))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Falls through to the one message.
    }
    throw new ConfigException(
        key,
        "'" + Display.of(text) + "' is no address; expected one such as https://access.example");
  }

  /**
   * What tells our objects at a target from everybody else's.
   *
   * @throws ConfigException when it could not stand everywhere
   */
  public static String marker(String key, String text) {
    if (!MARKER.matcher(text).matches()) {
      throw new ConfigException(
          key, "'" + Display.of(text) + "' is no marker; expected 1 to 20 of a-z and 0-9");
    }
    return text;
  }

  /**
   * @throws ConfigException when it is empty
   */
  public static String present(String key, String text, String expected) {
    if (text.isBlank()) {
      throw new ConfigException(key, "'' is empty; expected " + expected);
    }
    return text;
  }
}
