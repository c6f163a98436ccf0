package dev.vestibule.sink.access.target.kisi;

import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.http.TargetSettings;
import dev.vestibule.sink.access.target.http.Timeouts;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an installation says about one organization at Kisi.
 *
 * @param prefix of the keys, for messages; e.g. {@code vestibule.sinks.doors.}
 * @param address of the API; {@link #ADDRESS} but in tests
 * @param apiKey of somebody who is and stays an administrator
 * @param marker what stands in the addresses of our members, in front of {@code .visit.invalid}
 * @param integration identifier that Kisi gives to partners, or null
 * @param contact mail address of whoever runs this, for Kisi, or null
 */
public record KisiSettings(
    String prefix,
    String address,
    Secret apiKey,
    String marker,
    @Nullable String integration,
    @Nullable String contact,
    Timeouts timeouts) {
  public static final String ADDRESS = "https://api.kisi.io";
  public static final Timeouts TIMEOUTS = Timeouts.ofSeconds(3, 10);

  public KisiSettings {
    TargetSettings.address(prefix + "url", address);
    TargetSettings.marker(prefix + "marker", marker);
  }

  URI uri() {
    return TargetSettings.address(prefix + "url", address);
  }

  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Authorization", "KISI-LOGIN " + apiKey.reveal());
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/json");
    if (integration != null) {
      headers.put("X-Kisi-Integration-Identifier", integration);
    }
    if (contact != null) {
      headers.put("X-Kisi-Integration-Contact", contact);
    }
    return headers;
  }
}
