package dev.vestibule.sink.access.target.unifi;

import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.http.TargetSettings;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Trust.Pem;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What an installation says about one console of UniFi Access.
 *
 * @param prefix of the keys, for messages; e.g. {@code vestibule.sinks.doors.}
 * @param address of the console with its port, e.g. {@code https://192.0.2.7:12445}
 * @param token of its API, allowed to edit and view visitors and spaces
 * @param trust the console's own certificate
 * @param marker what begins the remarks of our visitors
 * @param lockdownMeansAllDoors whether a lockdown locks every door of the console; else it locks
 *     the doors it names
 */
public record UnifiSettings(
    String prefix,
    String address,
    Secret token,
    @Nullable Pem trust,
    String marker,
    boolean lockdownMeansAllDoors,
    Timeouts timeouts) {
  public static final Timeouts TIMEOUTS = Timeouts.ofSeconds(2, 10);

  public UnifiSettings {
    TargetSettings.address(prefix + "url", address);
    TargetSettings.marker(prefix + "marker", marker);
  }

  URI uri() {
    return TargetSettings.address(prefix + "url", address);
  }
}
