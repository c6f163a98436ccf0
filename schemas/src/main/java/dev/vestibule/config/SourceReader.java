package dev.vestibule.config;

import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.AuthConfig.Scheme;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Reads one source and the ways in which its sender can prove itself. */
final class SourceReader {
  private static final Duration MAX_TOLERANCE = Duration.ofDays(30);
  private static final String WHSEC = "whsec_";
  private static final int MAX_ACCOUNT_LENGTH = 200;
  private static final int MAX_APP_NAME = 60;
  private static final String DEFAULT_HEADER = "Authorization";

  /** The characters of a header name (RFC 9110, token). */
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  private static final Pattern BODY_PATH =
      Pattern.compile("[A-Za-z0-9_-]{1,60}(\\.[A-Za-z0-9_-]{1,60}){0,9}");

  private static final Pattern TEMPLATE_FIELD = Pattern.compile("\\{([^{}]*)}");

  /** Keys of {@code auth} that a scheme reads, beside {@code scheme}. */
  private static final Map<Scheme, Set<String>> AUTH_KEYS =
      Map.of(
          Scheme.STATIC_HEADER, Set.of("header", "value", "values"),
          Scheme.BASIC, Set.of("username", "password", "value", "values"),
          Scheme.PATH_SECRET, Set.of("key", "keys", "value", "values"),
          Scheme.HMAC,
              Set.of(
                  "header",
                  "encoding",
                  "prefix",
                  "template",
                  "timestamp-header",
                  "id-header",
                  "key",
                  "keys"));

  private SourceReader() {}

  static SourceConfig read(String name, Section section) {
    Vendor vendor = vendor(section);
    Section authSection = section.section("auth");
    AuthConfig auth = section.has("auth") ? auth(authSection) : null;
    List<Secret> secrets = new ArrayList<>(section.secrets("secrets"));
    List<Secret> pathKeys = new ArrayList<>(section.secrets("path-keys"));
    if (auth != null && auth.scheme() == Scheme.HMAC) {
      secrets.addAll(either(authSection, "key", "keys"));
      if (secrets.isEmpty()) {
        throw section.problem("secrets", "is missing; expected the secrets of the hmac");
      }
    }
    if (auth != null && auth.scheme() == Scheme.PATH_SECRET) {
      pathKeys.addAll(auth.values());
    }
    if (auth == null || auth.scheme() != Scheme.HMAC) {
      checkSecretsOf(vendor, secrets, section);
    }
    if (auth == null && vendor == Vendor.ESSENTRY && !pathKeys.isEmpty()) {
      // Without a signature to switch off, path keys alone are this scheme.
      auth = new AuthConfig(Scheme.PATH_SECRET, null, List.copyOf(pathKeys), null);
    }
    SignatureMode signature = signature(section, secrets, auth, pathKeys);
    Section tolerance = section.section("tolerance");
    return new SourceConfig(
        name,
        vendor,
        account(section, name),
        List.copyOf(secrets),
        auth,
        signature,
        List.copyOf(pathKeys),
        tolerance(tolerance, "past"),
        tolerance(tolerance, "future"),
        (int)
            section.size(
                "max-body",
                SourceConfig.DEFAULT_MAX_BODY_BYTES,
                1,
                // Body, headers, Avro and dead letter together must fit into one Kafka record.
                SourceConfig.DEFAULT_MAX_BODY_BYTES),
        section.has("rate-limit") ? (int) section.number("rate-limit", 0, 1, 1_000_000) : null,
        networks(section, "allowed-networks"),
        networks(section, "trusted-proxies"),
        states(section, vendor),
        mapping(section, vendor),
        siteId(section, vendor),
        section.flag("spool"),
        section.has("client-certificate")
            ? clientCertificate(section.section("client-certificate"))
            : null,
        screen(section, vendor),
        credential(section, vendor));
  }

  private static @Nullable ScreenConfig screen(Section section, Vendor vendor) {
    only(section, "screen", vendor, Set.of(Vendor.ENVOY));
    if (!section.has("screen")) {
      return null;
    }
    Section screen = section.section("screen");
    ScreenConfig fallback = ScreenConfig.DEFAULT;
    DecisionOutcome outcome = screen.oneOf("default-outcome", DecisionOutcome.class);
    Duration hard =
        within(
            screen,
            "hard-deadline",
            fallback.hardDeadline(),
            ScreenConfig.MIN_DEADLINE,
            ScreenConfig.MAX_HARD_DEADLINE);
    Duration most = shorter(hard, ScreenConfig.MAX_SOFT_DEADLINE);
    Duration soft = shorter(fallback.softDeadline(), most);
    Duration softDeadline = within(screen, "soft-deadline", soft, ScreenConfig.MIN_DEADLINE, most);
    return new ScreenConfig(
        appName(screen, fallback.appName()),
        outcome == null ? fallback.defaultOutcome() : outcome,
        Set.copyOf(screen.texts("high-security-sites")),
        within(
            screen,
            "stale-after",
            fallback.staleAfter(),
            Duration.ofSeconds(15),
            Duration.ofDays(1)),
        softDeadline,
        hard,
        screen.has("external") ? external(screen.section("external"), softDeadline) : null,
        screen.has("plugin") ? plugin(screen.section("plugin")) : null);
  }

  private static ExternalConfig external(Section section, Duration softDeadline) {
    List<Secret> secrets = section.secrets("secrets");
    if (secrets.isEmpty()) {
      throw section.problem("secrets", "is missing; expected whsec_<base64>");
    }
    checkStandardSecrets(secrets, section);
    Duration most = softDeadline.minus(ExternalConfig.RESERVE);
    Duration budget =
        within(
            section,
            "budget",
            shorter(ExternalConfig.DEFAULT_BUDGET, most),
            ExternalConfig.MIN_BUDGET,
            most);
    ExternalConfig.Mode mode = section.oneOf("mode", ExternalConfig.Mode.class);
    List<String> facts = section.texts("facts");
    return new ExternalConfig(
        externalUrl(section),
        secrets,
        budget,
        within(
            section,
            "per-try",
            shorter(ExternalConfig.DEFAULT_PER_TRY, budget),
            ExternalConfig.MIN_BUDGET,
            budget),
        mode == null ? ExternalConfig.Mode.TIGHTEN : mode,
        section.has("facts") ? facts : ExternalConfig.DEFAULT_FACTS);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** What is asked holds facts about people, and the answer opens doors. */
  private static URI externalUrl(Section section) {
    String url = section.text("url");
    if (url == null) {
      throw section.problem("url", "is missing; expected an https address");
    }
    if (!url.contains(",") && HttpAddress.isValid(url)) {
      URI uri = URI.create(url);
      if (uri.getRawFragment() == null
          && ("https".equals(uri.getScheme()) || HttpAddress.isLoopback(uri.getHost()))) {
        return uri;
      }
    }
    // Neither user info nor query is shown: there may be a key in them.
    throw section.wrong(
        "url",
        url.replaceFirst("//.*@", "//…@").replaceFirst("[?#].*", "?…"),
        "an address such as https://decide.example.com/visitors; http only for this machine");
  }

  private static PluginConfig plugin(Section section) {
    String clientId = section.text("client-id");
    Secret clientSecret = section.secret("client-secret");
    if (clientId == null || clientSecret == null) {
      throw section.problem(
          clientId == null ? "client-id" : "client-secret",
          "is missing; expected client-id and client-secret of the app");
    }
    if (clientId.contains(":") || clientId.chars().anyMatch(Character::isISOControl)) {
      throw section.wrong("client-id", clientId, "an id without colon and control characters");
    }
    String url = section.text("base-url", PluginConfig.DEFAULT_BASE_URL);
    if (!HttpAddress.isPrivate(url)) {
      // The whole address may hold a password, so it is not shown.
      throw section.problem(
          "base-url", "is no such address; expected https://host, or http:// to this machine");
    }
    String installId = section.text("install-id", PluginConfig.DEFAULT_INSTALL_ID);
    if (!BODY_PATH.matcher(installId).matches()) {
      throw section.wrong("install-id", installId, "names with full stops between");
    }
    PluginConfig.Grant grant = section.oneOf("grant", PluginConfig.Grant.class);
    return new PluginConfig(
        clientId,
        clientSecret,
        URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url),
        section.text("purpose", PluginConfig.DEFAULT_PURPOSE),
        installId,
        grant == null ? PluginConfig.Grant.CLIENT_CREDENTIALS : grant);
  }

  private static String appName(Section section, String fallback) {
    String name = section.text("app-name", fallback);
    if (name.length() > MAX_APP_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw section.wrong(
          "app-name", name, "at most " + MAX_APP_NAME + " characters without control characters");
    }
    return name;
  }

  private static Duration within(
      Section section, String key, Duration fallback, Duration min, Duration max) {
    Duration duration = section.duration(key);
    if (duration == null) {
      return fallback;
    }
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      throw section.wrong(
          key,
          section.text(key, ""),
          "a duration from " + min.toMillis() + "ms to " + max.toMillis() + "ms");
    }
    return duration;
  }

  private static ClientCertificate clientCertificate(Section section) {
    String subject = section.text("subject");
    String fingerprint = section.text("fingerprint");
    if (subject == null && fingerprint == null) {
      throw section.problem("subject", "is missing; expected a subject or a fingerprint");
    }
    if (subject != null && !isDistinguishedName(subject)) {
      throw section.wrong("subject", subject, "a name such as CN=hooks.example.com,O=Example");
    }
    if (fingerprint == null) {
      return new ClientCertificate(subject, null);
    }
    String digits = fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
    if (!FINGERPRINT.matcher(digits).matches()) {
      throw section.wrong("fingerprint", fingerprint, "a SHA-256 in 64 hex digits");
    }
    return new ClientCertificate(subject, digits);
  }

  private static boolean isDistinguishedName(String text) {
    try {
      return !new X500Principal(text).getName().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Vendor vendor(Section section) {
    String id = section.text("vendor");
    List<String> ids = Arrays.stream(Vendor.values()).map(Vendor::id).toList();
    if (id == null) {
      throw section.problem("vendor", "is missing; expected one of " + String.join(", ", ids));
    }
    return Vendor.byId(id)
        .orElseThrow(() -> section.wrong("vendor", id, "one of " + String.join(", ", ids)));
  }

  private static String account(Section section, String name) {
    String account = section.text("account", name);
    if (account.length() > MAX_ACCOUNT_LENGTH
        || account.chars().anyMatch(c -> Character.isISOControl(c) || c == ':')) {
      throw section.wrong(
          "account", account, "at most 200 characters without colon and control characters");
    }
    return account;
  }

  private static void checkSecretsOf(Vendor vendor, List<Secret> secrets, Section section) {
    if (vendor == Vendor.ESSENTRY && !secrets.isEmpty()) {
      throw section.problem(
          "secrets",
          "essentry documents no signature; expected auth (static-header, path-secret or hmac)");
    }
    if (vendor == Vendor.STANDARD_WEBHOOKS) {
      checkStandardSecrets(secrets, section);
    }
  }

  private static void checkStandardSecrets(List<Secret> secrets, Section section) {
    for (int i = 0; i < secrets.size(); i++) {
      if (!isStandardSecret(secrets.get(i).reveal())) {
        throw section.problem(
            "secrets", "element " + i + " is no such secret; expected whsec_<base64>");
      }
    }
  }

  private static boolean isStandardSecret(String secret) {
    try {
      return secret.startsWith(WHSEC)
          && Base64.getDecoder().decode(secret.substring(WHSEC.length())).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** A source must always demand something that only its sender knows. */
  private static SignatureMode signature(
      Section section, List<Secret> secrets, @Nullable AuthConfig auth, List<Secret> pathKeys) {
    boolean signed = !secrets.isEmpty() || auth != null;
    if (!signed && pathKeys.isEmpty()) {
      throw section.problem(
          "secrets", "no way to authenticate the sender; expected secrets, auth or path-keys");
    }
    SignatureMode mode = section.oneOf("signature", SignatureMode.class);
    if (mode == null) {
      return signed ? SignatureMode.REQUIRED : SignatureMode.OFF;
    }
    if (mode != SignatureMode.OFF && !signed) {
      throw section.wrong("signature", section.text("signature", ""), "secrets or auth beside it");
    }
    if (mode != SignatureMode.REQUIRED && pathKeys.isEmpty()) {
      throw section.wrong(
          "signature",
          section.text("signature", ""),
          "path-keys beside it, since an unsigned request must prove itself too");
    }
    return mode;
  }

  private static AuthConfig auth(Section section) {
    Scheme scheme = section.oneOf("scheme", Scheme.class);
    if (scheme == null) {
      throw section.problem(
          "scheme", "is missing; expected static-header, basic, path-secret or hmac");
    }
    Set<String> allowed = AUTH_KEYS.getOrDefault(scheme, Set.of());
    for (String key : section.keys()) {
      if (!key.equals("scheme") && !allowed.contains(key)) {
        throw section.problem(
            key,
            "does not belong to scheme "
                + section.text("scheme")
                + "; expected "
                + String.join(", ", allowed.stream().sorted().toList()));
      }
    }
    return switch (scheme) {
      case STATIC_HEADER ->
          new AuthConfig(
              scheme,
              header(section, "header", DEFAULT_HEADER),
              required(section, "value", either(section, "value", "values")),
              null);
      case BASIC -> new AuthConfig(scheme, DEFAULT_HEADER, basic(section), null);
      case PATH_SECRET -> {
        List<Secret> keys = new ArrayList<>(either(section, "key", "keys"));
        keys.addAll(either(section, "value", "values"));
        yield new AuthConfig(scheme, null, required(section, "key", List.copyOf(keys)), null);
      }
      case HMAC -> {
        HmacConfig hmac = hmac(section);
        yield new AuthConfig(scheme, hmac.header(), List.of(), hmac);
      }
    };
  }

  private static List<Secret> basic(Section section) {
    List<Secret> values = new ArrayList<>(either(section, "value", "values"));
    String username = section.text("username");
    Secret password = section.secret("password");
    if (username != null && password != null) {
      if (username.contains(":")) {
        throw section.wrong("username", username, "a name without colon");
      }
      values.add(new Secret(username + ":" + password.reveal()));
    } else if (username != null || password != null) {
      throw section.problem(
          username == null ? "username" : "password",
          "is missing; expected username and password together");
    }
    for (Secret value : values) {
      if (!value.reveal().contains(":")) {
        throw section.problem("value", "is no such pair; expected user:password");
      }
    }
    return required(section, "username", List.copyOf(values));
  }

  private static HmacConfig hmac(Section section) {
    String header = header(section, "header", null);
    if (header == null) {
      throw section.problem("header", "is missing; expected the header with the signature");
    }
    String encoding = section.text("encoding", "hex");
    if (!encoding.equals("hex") && !encoding.equals("base64")) {
      throw section.wrong("encoding", encoding, "hex or base64");
    }
    String timestampHeader = header(section, "timestamp-header", null);
    String idHeader = header(section, "id-header", null);
    String template = section.text("template", "{body}");
    Matcher fields = TEMPLATE_FIELD.matcher(template);
    List<String> used = new ArrayList<>();
    while (fields.find()) {
      used.add(fields.group(1));
    }
    boolean known = Set.of("body", "timestamp", "id").containsAll(used);
    if (!known || !used.contains("body") || Set.copyOf(used).size() != used.size()) {
      throw section.wrong(
          "template", template, "{body} once, and {timestamp} and {id} at most once");
    }
    if (used.contains("timestamp") != (timestampHeader != null)) {
      throw section.wrong(
          "template", template, "{timestamp} exactly when there is a timestamp-header");
    }
    if (used.contains("id") && idHeader == null) {
      throw section.wrong("template", template, "an id-header for {id}");
    }
    return new HmacConfig(
        header, encoding, section.anyText("prefix", ""), template, timestampHeader, idHeader);
  }

  private static @Nullable String header(Section section, String key, @Nullable String fallback) {
    String header = section.text(key);
    if (header == null) {
      return fallback;
    }
    if (!HEADER.matcher(header).matches()) {
      throw section.wrong(key, header, "the name of a header");
    }
    return header;
  }

  private static List<Secret> either(Section section, String one, String many) {
    if (section.has(one) && section.has(many)) {
      throw section.problem(many, "stands beside '" + one + "'; expected one of the two");
    }
    return section.secrets(section.has(one) ? one : many);
  }

  private static List<Secret> required(Section section, String key, List<Secret> secrets) {
    if (secrets.isEmpty()) {
      throw section.problem(key, "is missing; expected what the sender must present");
    }
    return secrets;
  }

  private static @Nullable Duration tolerance(Section section, String key) {
    Duration tolerance = section.duration(key);
    if (tolerance != null && tolerance.compareTo(MAX_TOLERANCE) > 0) {
      throw section.wrong(key, section.text(key, ""), "at most 30d");
    }
    return tolerance;
  }

  private static List<String> networks(Section section, String key) {
    return section.texts(key).stream()
        .map(text ->
            Networks.cidr(text)
                .orElseThrow(() ->
                    section.wrong(key, text, "networks such as 203.0.113.0/24 or 2001:db8::/32")))
        .toList();
  }

  private static Map<String, String> states(Section section, Vendor vendor) {
    only(section, "states", vendor, Set.of(Vendor.ESSENTRY));
    Section inner = section.section("states");
    Map<String, String> states = new LinkedHashMap<>();
    inner
        .open()
        .forEach((state, type) ->
            states.put(state.toLowerCase(Locale.ROOT), eventType(inner, state, type)));
    return Collections.unmodifiableMap(states);
  }

  private static Map<String, String> mapping(Section section, Vendor vendor) {
    only(section, "mapping", vendor, Set.of(Vendor.STANDARD_WEBHOOKS, Vendor.SIGN_IN_APP));
    Section inner = section.section("mapping");
    Map<String, String> mapping = new LinkedHashMap<>();
    inner
        .open()
        .forEach((field, from) -> {
          if (field.startsWith("type:") && vendor == Vendor.STANDARD_WEBHOOKS) {
            mapping.put(field, eventType(inner, field, from));
            return;
          }
          if (!mappable().contains(field)) {
            throw inner.problem(field, "unknown event field; " + Suggestion.of(field, mappable()));
          }
          if (vendor == Vendor.STANDARD_WEBHOOKS) {
            checkPointer(inner, field, from, "/data/visitor/id");
          }
          if (from.isBlank()) {
            throw inner.wrong(field, from, "the text of a question");
          }
          mapping.put(field, from);
        });
    return Collections.unmodifiableMap(mapping);
  }

  private static CredentialConfig credential(Section section, Vendor vendor) {
    only(section, "credential", vendor, Set.of(Vendor.ESSENTRY));
    Section inner = section.section("credential");
    String assigned = pointer(inner, "assigned");
    List<String> words =
        inner.texts("assigned-words").stream()
            .map(word -> word.strip().toLowerCase(Locale.ROOT))
            .toList();
    if (inner.has("assigned-words") && assigned == null) {
      throw inner.problem("assigned", "is missing; expected where one of assigned-words stands");
    }
    return new CredentialConfig(
        pointer(inner, "visit"),
        pointer(inner, "number"),
        pointer(inner, "kind"),
        assigned,
        inner.has("assigned-words") ? words : CredentialConfig.DEFAULT.assignedWords());
  }

  private static @Nullable String pointer(Section section, String key) {
    String pointer = section.text(key);
    if (pointer != null) {
      checkPointer(section, key, pointer, "/" + key);
    }
    return pointer;
  }

  private static void checkPointer(Section section, String key, String pointer, String example) {
    if (!pointer.startsWith("/")) {
      throw section.wrong(key, pointer, "a JSON pointer such as " + example);
    }
  }

  private static @Nullable String siteId(Section section, Vendor vendor) {
    only(section, "site-id", vendor, Set.of(Vendor.ESSENTRY));
    return section.text("site-id");
  }

  private static void only(Section section, String key, Vendor vendor, Set<Vendor> vendors) {
    if (section.has(key) && !vendors.contains(vendor)) {
      throw section.problem(
          key,
          "does not belong to vendor "
              + vendor
              + "; expected only with "
              + String.join(", ", vendors.stream().map(Vendor::id).sorted().toList()));
    }
  }

  private static String eventType(Section section, String key, String name) {
    return Arrays.stream(EventType.values())
        .map(EventType::name)
        .filter(type -> type.equalsIgnoreCase(name.strip()))
        .findFirst()
        .orElseThrow(() ->
            section.problem(
                key,
                "'"
                    + Display.of(name)
                    + "' is no event type; "
                    + Suggestion.of(
                        name, Arrays.stream(EventType.values()).map(Enum::name).toList())));
  }

  /** Facts that a vendor may state: the fields of the event's groups, without derived ones. */
  private static List<String> mappable() {
    List<String> fields = new ArrayList<>();
    for (String group : List.of("visit", "person", "host", "site", "outcome")) {
      Schema schema = VisitorEvent.getClassSchema().getField(group).schema();
      for (Schema.Field field : schema.getFields()) {
        if (!field.name().equals("subject_key")) {
          fields.add(group + "." + field.name());
        }
      }
    }
    fields.add("screening");
    return fields;
  }
}
