package dev.vestibule.config;

import java.net.URI;

/**
 * How Envoy's plugin API is told that an installation asks before it lets a visitor in.
 *
 * @param clientId the app's client id; without colon
 * @param clientSecret the app's client secret
 * @param baseUrl of the API, without a slash at its end; https, or http to this machine
 * @param purpose what is registered
 * @param installId path of the installation's id in the body of a set-up call
 * @param grant which token the registration is made with
 */
public record PluginConfig(
    String clientId,
    Secret clientSecret,
    URI baseUrl,
    String purpose,
    String installId,
    Grant grant) {
  static final String DEFAULT_BASE_URL = "https://app.envoy.com";
  static final String DEFAULT_PURPOSE = "identity-verification";
  static final String DEFAULT_INSTALL_ID = "meta.install_id";

  /** What a token stands for; the name in the file is lower case with hyphens. */
  public enum Grant {
    /** The app; one token for all its installations. */
    CLIENT_CREDENTIALS,
    /** One installation; asked for at each registration. */
    PLUGIN_INSTALL
  }

  /** The registration as Envoy documents it. */
  public static PluginConfig of(String clientId, Secret clientSecret, URI baseUrl) {
    return new PluginConfig(
        clientId,
        clientSecret,
        baseUrl,
        DEFAULT_PURPOSE,
        DEFAULT_INSTALL_ID,
        Grant.CLIENT_CREDENTIALS);
  }

  PluginConfig withSecretOf(PluginConfig other) {
    return new PluginConfig(clientId, other.clientSecret, baseUrl, purpose, installId, grant);
  }
}
