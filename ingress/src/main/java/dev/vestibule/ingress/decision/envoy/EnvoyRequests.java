package dev.vestibule.ingress.decision.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.vestibule.config.PluginConfig;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Base64;
import java.util.regex.Pattern;

/** The requests, as Envoy's own client library makes them. */
final class EnvoyRequests {
  private static final Pattern INSTALL_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final String JSON = "application/json";
  private static final String JSON_API = "application/vnd.api+json";

  private EnvoyRequests() {}

  /** Whether an id can be part of a path as it is. */
  static boolean isInstallId(String text) {
    return INSTALL_ID.matcher(text).matches();
  }

  /**
   * Asks for a token; the credentials stand in the header and in the body.
   *
   * @param installId what the token is for where it is for one installation
   */
  static HttpRequest token(PluginConfig plugin, String installId) {
    String secret = plugin.clientSecret().reveal();
    String body =
        switch (plugin.grant()) {
          case CLIENT_CREDENTIALS ->
              json("grant_type", "client_credentials", "client_id", plugin.clientId())
                  + ","
                  + json("client_secret", secret, "scope", "plugin,token.refresh");
          case PLUGIN_INSTALL ->
              json("grant_type", "plugin_install", "client_id", plugin.clientId())
                  + ","
                  + json("client_secret", secret, "install_id", installId);
        };
    String pair = plugin.clientId() + ":" + secret;
    return to(plugin, "/a/auth/v0/token")
        .header(
            "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)))
        .header("Content-Type", JSON)
        .header("Accept", JSON)
        .POST(BodyPublishers.ofString("{" + body + "}"))
        .build();
  }

  /**
   * Registers the purpose; to do so again changes nothing.
   *
   * @param installId one that {@link #isInstallId}
   */
  static HttpRequest purpose(PluginConfig plugin, String installId, AccessToken token) {
    return to(plugin, "/api/v2/plugin-services/installs/" + installId + "/purpose")
        .header("Authorization", "Bearer " + token.value())
        .header("Content-Type", JSON_API)
        .header("Accept", JSON_API)
        .PUT(BodyPublishers.ofString("{" + json("purpose", plugin.purpose()) + "}"))
        .build();
  }

  private static HttpRequest.Builder to(PluginConfig plugin, String path) {
    return HttpRequest.newBuilder(URI.create(plugin.baseUrl() + path));
  }

  /** Names and texts in turn, without the braces. */
  private static String json(String... namesAndTexts) {
    StringBuilder json = new StringBuilder();
    for (int i = 0; i < namesAndTexts.length; i++) {
      json.append(i == 0 ? "" : i % 2 == 0 ? "," : ":")
          .append('"')
          .append(JsonStringEncoder.getInstance().quoteAsString(namesAndTexts[i]))
          .append('"');
    }
    return json.toString();
  }
}
