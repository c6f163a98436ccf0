package dev.vestibule.sink.access;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.Suggestion;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Pace;
import dev.vestibule.sink.access.target.brivo.BrivoLogin;
import dev.vestibule.sink.access.target.brivo.BrivoSettings;
import dev.vestibule.sink.access.target.brivo.BrivoTarget;
import dev.vestibule.sink.access.target.gallagher.GallagherSettings;
import dev.vestibule.sink.access.target.gallagher.GallagherTarget;
import dev.vestibule.sink.access.target.http.Trust.Pem;
import dev.vestibule.sink.access.target.http.Turnstile;
import dev.vestibule.sink.access.target.kisi.KisiSettings;
import dev.vestibule.sink.access.target.kisi.KisiTarget;
import dev.vestibule.sink.access.target.unifi.UnifiSettings;
import dev.vestibule.sink.access.target.unifi.UnifiTarget;
import dev.vestibule.sink.access.target.webhook.WebhookSettings;
import dev.vestibule.sink.access.target.webhook.WebhookTarget;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The system that a configured sink opens doors of.
 *
 * <p>Each kind takes the keys that it needs; a key of another kind is an error, since somebody
 * meant something by it.
 */
final class TargetSetting {
  private static final String MARKER = "vestibule";
  private static final Set<String> COMMON =
      Set.of("target", "rules", "reconcile", "calls-per-second", "parallel-calls");
  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "standard-webhooks",
          Set.of("url", "secrets", "allowed-hosts", "trust"),
          "unifi-access",
          Set.of("url", "token", "trust", "marker", "lockdown-all-doors"),
          "kisi",
          Set.of("url", "token", "marker", "integration", "contact"),
          "brivo",
          Set.of(
              "url",
              "auth-url",
              "client-id",
              "client-secret",
              "api-key",
              "username",
              "password",
              "refresh-token",
              "marker"),
          "gallagher",
          Set.of(
              "url",
              "token",
              "trust",
              "certificate",
              "certificate-key",
              "division",
              "key-field-id",
              "key-field-name",
              "key-group",
              "card-type",
              "marker"));

  private final String prefix;
  private final Map<String, String> settings;

  private TargetSetting(SinkConfig sink) {
    this.prefix = "vestibule.sinks." + sink.name() + ".";
    this.settings = sink.settings();
  }

  /**
   * Makes the target of a sink; asks nobody yet.
   *
   * @throws ConfigException for a key that is missing, wrong, or another kind's
   */
  static AccessTarget open(SinkConfig sink, Turnstile turnstile, InstantSource clock) {
    TargetSetting setting = new TargetSetting(sink);
    String kind = setting.required("target", "one of " + String.join(", ", kinds()));
    Set<String> keys = KEYS.get(kind);
    if (keys == null) {
      throw new ConfigException(
          setting.prefix + "target",
          "'" + Display.of(kind) + "' is no target; " + Suggestion.of(kind, kinds()));
    }
    setting.allow(kind, keys);
    return switch (kind) {
      case "standard-webhooks" -> new WebhookTarget(setting.webhook(), turnstile, clock);
      case "unifi-access" -> new UnifiTarget(setting.unifi(), turnstile, clock);
      case "kisi" -> new KisiTarget(setting.kisi(), turnstile, clock);
      case "brivo" -> new BrivoTarget(setting.brivo(), turnstile, clock);
      default -> new GallagherTarget(setting.gallagher(), turnstile, clock);
    };
  }

  /**
   * How hard the target may be driven: what it says itself, unless the installation knows better.
   *
   * @throws ConfigException for a number out of range
   */
  static Pace pace(SinkConfig sink, AccessTarget target) {
    TargetSetting setting = new TargetSetting(sink);
    return new Pace(
        setting.number("parallel-calls", target.pace().parallelCalls(), 256),
        setting.number("calls-per-second", target.pace().callsPerSecond(), 10_000));
  }

  private int number(String key, int fallback, int most) {
    String text = settings.get(key);
    if (text == null) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new ConfigException(
        prefix + key, "'" + Display.of(text) + "'; expected a whole number from 1 to " + most);
  }

  private static Set<String> kinds() {
    return new TreeSet<>(KEYS.keySet());
  }

  private void allow(String kind, Set<String> keys) {
    for (String key : settings.keySet()) {
      if (!keys.contains(key) && !COMMON.contains(key)) {
        throw new ConfigException(
            prefix + key,
            "does not belong to target "
                + kind
                + "; expected "
                + String.join(", ", new TreeSet<>(keys)));
      }
    }
  }

  private WebhookSettings webhook() {
    return new WebhookSettings(
        prefix,
        required("url", "where to post, such as https://doors.example/hook"),
        lines("secrets").stream().map(Secret::new).toList(),
        Set.copyOf(lines("allowed-hosts")),
        pem("trust"),
        WebhookSettings.TIMEOUTS);
  }

  private UnifiSettings unifi() {
    return new UnifiSettings(
        prefix,
        required("url", "the console, such as https://192.0.2.7:12445"),
        secret("token", "a token of the console's API"),
        pem("trust"),
        text("marker", MARKER),
        flag("lockdown-all-doors"),
        UnifiSettings.TIMEOUTS);
  }

  private KisiSettings kisi() {
    return new KisiSettings(
        prefix,
        text("url", KisiSettings.ADDRESS),
        secret("token", "the API key of an administrator"),
        text("marker", MARKER),
        settings.get("integration"),
        settings.get("contact"),
        KisiSettings.TIMEOUTS);
  }

  private BrivoSettings brivo() {
    return new BrivoSettings(
        prefix,
        text("auth-url", BrivoSettings.AUTH_ADDRESS),
        text("url", BrivoSettings.ADDRESS),
        required("client-id", "the id of the application at Brivo"),
        secret("client-secret", "the application's"),
        secret("api-key", "the developer account's"),
        login(),
        text("marker", MARKER),
        BrivoSettings.TIMEOUTS);
  }

  private BrivoLogin login() {
    if (settings.containsKey("refresh-token") == settings.containsKey("username")) {
      throw new ConfigException(
          prefix + "username", "expected username and password, or refresh-token");
    }
    return settings.containsKey("refresh-token")
        ? new BrivoLogin.RefreshToken(secret("refresh-token", "one that a consent has yielded"))
        : new BrivoLogin.Password(
            required("username", "an administrator's"), secret("password", "the administrator's"));
  }

  private GallagherSettings gallagher() {
    return new GallagherSettings(
        prefix,
        required("url", "the server, such as https://192.0.2.9:8904"),
        secret("token", "the API key of the REST client item"),
        pem("trust"),
        pem("certificate"),
        pem("certificate-key"),
        required("division", "the path of its href, such as /api/divisions/2"),
        required("key-field-id", "the number of the personal data field that carries our key"),
        required("key-field-name", "the name of that personal data field"),
        required("key-group", "the id of an access group that carries that field"),
        settings.get("card-type"),
        text("marker", MARKER),
        GallagherSettings.TIMEOUTS);
  }

  private String required(String key, String expected) {
    String value = settings.get(key);
    if (value == null) {
      throw new ConfigException(prefix + key, "is missing; expected " + expected);
    }
    return value;
  }

  private String text(String key, String fallback) {
    return settings.getOrDefault(key, fallback);
  }

  private Secret secret(String key, String expected) {
    return new Secret(required(key, expected));
  }

  private List<String> lines(String key) {
    return settings.getOrDefault(key, "").lines().filter(line -> !line.isEmpty()).toList();
  }

  private @Nullable Pem pem(String key) {
    String file = settings.get(key);
    return file == null ? null : new Pem(prefix + key, Path.of(file));
  }

  private boolean flag(String key) {
    String value = settings.getOrDefault(key, "false");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new ConfigException(
              prefix + key, "'" + Display.of(value) + "'; expected true or false");
    };
  }
}
