package dev.vestibule.sink.access.target.gallagher;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.http.TargetSettings;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Trust.Pem;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an installation says about one Command Centre.
 *
 * @param prefix of the keys, for messages; e.g. {@code vestibule.sinks.doors.}
 * @param address of its REST service, e.g. {@code https://192.0.2.9:8904}
 * @param apiKey of the REST client item
 * @param trust certificates to trust, or null for the public authorities
 * @param certificate what the REST client item knows by its thumbprint, or null
 * @param certificateKey its private key, or null
 * @param division where our cardholders belong: the path of its href, e.g. {@code /api/divisions/2}
 * @param keyFieldId number of the personal data field that carries our key
 * @param keyFieldName its name
 * @param keyGroup id of an access group that opens nothing and carries that field: a cardholder who
 *     is in no group that carries it would lose it, and us our sight of the cardholder
 * @param cardType path of the href of the type of cards that are assigned, or null for none
 * @param marker what begins the keys of our cardholders
 */
public record GallagherSettings(
    String prefix,
    String address,
    Secret apiKey,
    @Nullable Pem trust,
    @Nullable Pem certificate,
    @Nullable Pem certificateKey,
    String division,
    String keyFieldId,
    String keyFieldName,
    String keyGroup,
    @Nullable String cardType,
    String marker,
    Timeouts timeouts) {
  public static final Timeouts TIMEOUTS = Timeouts.ofSeconds(2, 15);

  private static final Pattern PATH = Pattern.compile("/api/[A-Za-z0-9_/-]+");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  public GallagherSettings {
    TargetSettings.address(prefix + "url", address);
    TargetSettings.marker(prefix + "marker", marker);
    TargetSettings.present(
        prefix + "key-field-name", keyFieldName, "the name of the personal data field");
    TargetSettings.present(
        prefix + "key-group", keyGroup, "an access group that carries the personal data field");
    if (!NUMBER.matcher(keyFieldId).matches()) {
      throw new ConfigException(
          prefix + "key-field-id",
          "'" + Display.of(keyFieldId) + "' is no number; expected the personal data field's");
    }
    requirePath(prefix + "division", division);
    if (cardType != null) {
      requirePath(prefix + "card-type", cardType);
    }
    if (certificate == null != (certificateKey == null)) {
      throw new ConfigException(
          prefix + (certificate == null ? "certificate" : "certificate-key"),
          "is missing; expected both or neither of certificate and certificate-key");
    }
  }

  URI uri() {
    return TargetSettings.address(prefix + "url", address);
  }

  private static void requirePath(String key, String path) {
    if (!PATH.matcher(path).matches()) {
      throw new ConfigException(
          key,
          "'"
              + Display.of(path)
              + "' is no path of an href; expected one such as /api/divisions/2");
    }
  }
}
