package dev.vestibule.sink.access.target.brivo;

import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.http.TargetSettings;
import dev.vestibule.sink.access.target.http.Timeouts;
import java.net.URI;

/**
 * What an installation says about one account at Brivo.
 *
 * @param prefix of the keys, for messages; e.g. {@code vestibule.sinks.doors.}
 * @param authAddress where tokens come from; {@link #AUTH_ADDRESS} or its European twin
 * @param address of the API; {@link #ADDRESS} or its European twin
 * @param clientId of the application
 * @param clientSecret of the application
 * @param apiKey of the developer account
 * @param login whose rights are used
 * @param marker what begins the external ids of our users
 */
public record BrivoSettings(
    String prefix,
    String authAddress,
    String address,
    String clientId,
    Secret clientSecret,
    Secret apiKey,
    BrivoLogin login,
    String marker,
    Timeouts timeouts) {
  public static final String AUTH_ADDRESS = "https://auth.brivo.com";
  public static final String ADDRESS = "https://api.brivo.com/v1/api";
  public static final Timeouts TIMEOUTS = Timeouts.ofSeconds(3, 15);

  public BrivoSettings {
    TargetSettings.address(prefix + "auth-url", authAddress);
    TargetSettings.address(prefix + "url", address);
    TargetSettings.marker(prefix + "marker", marker);
    TargetSettings.present(prefix + "client-id", clientId, "the id of the application at Brivo");
  }

  URI authUri() {
    return TargetSettings.address(prefix + "auth-url", authAddress);
  }

  URI uri() {
    return TargetSettings.address(prefix + "url", address);
  }
}
