package dev.vestibule.ingress.webhook;

import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ExternalConfig;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.decision.external.Question;
import dev.vestibule.ingress.signature.CredentialsVerifier;
import dev.vestibule.ingress.signature.HmacVerifier;
import dev.vestibule.ingress.signature.PathKeyVerifier;
import dev.vestibule.ingress.signature.SignatureLayout;
import dev.vestibule.ingress.signature.SignatureScheme;
import dev.vestibule.ingress.signature.SignatureScheme.Encoding;
import dev.vestibule.ingress.signature.SignatureScheme.Timestamp;
import dev.vestibule.ingress.signature.SignedText;
import dev.vestibule.ingress.signature.StandardWebhooks;
import dev.vestibule.ingress.signature.Verifier;
import dev.vestibule.ingress.vendor.VendorProfile;
import dev.vestibule.ingress.vendor.VendorProfile.SecretFormat;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every configured sender by name, checked before the port opens. Secrets may change while requests
 * are under way: each request is judged by the secrets that were there when it began.
 */
public final class Sources {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

  private volatile Map<String, Served> byName;

  /** A source and what it was made of. */
  private record Served(SourceConfig config, Source source) {}

  private Sources(Map<String, Served> byName) {
    this.byName = byName;
  }

  /**
   * Prepares the sources.
   *
   * @throws ConfigException when one of them could not be served, above all when it has no
   *     authentication
   */
  public static Sources of(Collection<SourceConfig> configs) {
    Map<String, Served> byName = new LinkedHashMap<>();
    configs.forEach(config -> byName.put(config.name(), new Served(config, source(config))));
    return new Sources(Map.copyOf(byName));
  }

  /**
   * Takes over the secrets of a newer configuration, for all sources at once or not at all. What
   * else has changed needs a restart, and is said in the log.
   *
   * @param newer sources by name
   * @throws ConfigException when a source could not be served any more; nothing has changed then
   */
  public void takeSecretsOf(Map<String, SourceConfig> newer) {
    Map<String, Served> renewed = new LinkedHashMap<>();
    List<String> changed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    byName.forEach((name, served) -> {
      SourceConfig found = newer.get(name);
      SourceConfig config = found == null ? served.config() : served.config().withSecretsOf(found);
      if (!config.equals(found)) {
        left.add(name);
      }
      if (config.equals(served.config())) {
        renewed.put(name, served);
      } else {
        changed.add(name);
        renewed.put(
            name, new Served(config, served.source().with(verifier(config), screen(config))));
      }
    });
    newer.keySet().stream().filter(name -> !renewed.containsKey(name)).forEach(left::add);
    byName = Map.copyOf(renewed);
    if (!changed.isEmpty()) {
      LOG.atInfo().addKeyValue("sources", changed).log("secrets changed");
    }
    if (!left.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("sources", left)
          .log("configuration differs in more than secrets; that needs a restart");
    }
  }

  public boolean isEmpty() {
    return byName.isEmpty();
  }

  /** Names of the sources whose requests may be answered from the spool. */
  public Set<String> spooled() {
    return all().stream()
        .filter(Source::spooled)
        .map(Source::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Nullable Source find(String name) {
    Served served = byName.get(name);
    return served == null ? null : served.source();
  }

  Collection<Source> all() {
    return byName.values().stream().map(Served::source).toList();
  }

  private static Source source(SourceConfig config) {
    if (config.maxBodyBytes() <= 0) {
      throw broken(config, "max-body-bytes", config.maxBodyBytes() + ", expected more than 0");
    }
    return new Source(
        config.name(),
        config.vendor(),
        config.account(),
        VendorProfile.of(config.vendor()),
        verifier(config),
        config.maxBodyBytes(),
        rateLimiter(config),
        new SenderNetworks(
            blocks(config, "allowed-networks", config.allowedNetworks()),
            blocks(config, "trusted-proxies", config.trustedProxies())),
        config.clientCertificate(),
        spooled(config),
        screen(config));
  }

  private static @Nullable ScreenConfig screen(SourceConfig config) {
    if (config.vendor() != Vendor.ENVOY) {
      return null;
    }
    ScreenConfig configured = config.screen();
    if (configured == null) {
      return ScreenConfig.DEFAULT;
    }
    ExternalConfig external = configured.external();
    if (external != null) {
      external.secrets().forEach(secret -> whsec(config, "screen.external.secrets", secret));
      try {
        Question.facts(external.facts());
      } catch (IllegalArgumentException e) {
        throw broken(config, "screen.external.facts", String.valueOf(e.getMessage()));
      }
    }
    return configured;
  }

  private static boolean spooled(SourceConfig config) {
    Boolean configured = config.spool();
    return configured == null ? VendorProfile.of(config.vendor()).givesUpEarly() : configured;
  }

  /** All that a request has to pass; a source with nothing to pass is not served. */
  private static Verifier verifier(SourceConfig config) {
    AuthConfig auth = config.auth();
    PathKeyVerifier pathKeys = new PathKeyVerifier(pathKeys(config));
    List<Verifier> checks = new ArrayList<>();
    if (auth != null) {
      switch (auth.scheme()) {
        case STATIC_HEADER -> checks.add(staticHeader(config, auth));
        case BASIC -> checks.add(CredentialsVerifier.basic(basicValues(config, auth)));
        case PATH_SECRET -> {
          requireValues(config, auth, "auth.value");
          checks.add(pathKeys);
        }
        case HMAC -> {
          // The signature below is this one.
        }
      }
    }
    SignatureScheme scheme = scheme(config);
    boolean signs = scheme != null && (auth == null || usesSecrets(config, auth));
    if (signs && scheme != null) {
      checks.add(signature(config, scheme, pathKeys));
    } else if (!config.secrets().isEmpty()) {
      throw broken(
          config,
          "secrets",
          config.vendor() + " has no signature of its own; expected auth with scheme hmac");
    }
    if (checks.isEmpty()) {
      throw broken(
          config, "auth", "missing; a source of " + config.vendor() + " needs " + expected(config));
    }
    // A key in the path must always fit, also where something else already proves the sender.
    checks.add(0, pathKeys.whenGiven());
    return Verifier.allOf(checks);
  }

  private static boolean usesSecrets(SourceConfig config, AuthConfig auth) {
    return auth.scheme() == AuthConfig.Scheme.HMAC || !config.secrets().isEmpty();
  }

  private static String expected(SourceConfig config) {
    return VendorProfile.of(config.vendor()).signature() == null
        ? "auth (static-header, basic, path-secret or hmac)"
        : "secrets, or auth (static-header, basic, path-secret or hmac)";
  }

  private static @Nullable SignatureScheme scheme(SourceConfig config) {
    AuthConfig auth = config.auth();
    SignatureScheme scheme =
        auth != null && auth.scheme() == AuthConfig.Scheme.HMAC
            ? configured(config, auth.hmac())
            : VendorProfile.of(config.vendor()).signature();
    if (scheme == null) {
      return null;
    }
    return scheme.withTolerance(
        tolerance(config, "past-tolerance", config.pastTolerance()),
        tolerance(config, "future-tolerance", config.futureTolerance()));
  }

  private static @Nullable Duration tolerance(
      SourceConfig config, String key, @Nullable Duration value) {
    if (value != null && value.isNegative()) {
      throw broken(config, key, value + ", expected a duration that is not negative");
    }
    return value;
  }

  private static Verifier signature(
      SourceConfig config, SignatureScheme scheme, PathKeyVerifier pathKeys) {
    SignatureMode mode = config.signature();
    if (mode != SignatureMode.REQUIRED && pathKeys(config).isEmpty()) {
      throw broken(
          config,
          "signature",
          mode.name().toLowerCase(Locale.ROOT).replace('_', '-')
              + " lets unsigned requests in; expected path-keys beside it");
    }
    if (mode == SignatureMode.OFF) {
      return pathKeys;
    }
    if (config.secrets().isEmpty()) {
      throw broken(config, "secrets", "missing; expected at least one signing secret");
    }
    Verifier signature = new HmacVerifier(scheme, keys(config));
    return mode == SignatureMode.REQUIRED
        ? signature
        : Verifier.signatureIfPresent(scheme.header(), signature, pathKeys);
  }

  private static List<SecretKey> keys(SourceConfig config) {
    boolean own = config.auth() == null || config.auth().scheme() != AuthConfig.Scheme.HMAC;
    boolean whsec = own && VendorProfile.of(config.vendor()).secretFormat() == SecretFormat.WHSEC;
    List<SecretKey> keys = new ArrayList<>();
    for (Secret secret : config.secrets()) {
      keys.add(whsec ? whsec(config, "secrets", secret) : HmacVerifier.key(secret.bytes()));
    }
    return keys;
  }

  private static SecretKey whsec(SourceConfig config, String key, Secret secret) {
    try {
      return StandardWebhooks.key(secret);
    } catch (IllegalArgumentException e) {
      throw broken(config, key, "[redacted], expected whsec_ and Base64");
    }
  }

  private static SignatureScheme configured(SourceConfig config, @Nullable HmacConfig hmac) {
    if (hmac == null) {
      throw broken(config, "auth", "scheme hmac, expected header, encoding and template beside it");
    }
    if (hmac.header().isBlank()) {
      throw broken(config, "auth.header", "missing; expected the name of the signature's header");
    }
    Encoding encoding =
        switch (hmac.encoding()) {
          case "hex" -> Encoding.HEX;
          case "base64" -> Encoding.BASE64;
          default ->
              throw broken(config, "auth.encoding", hmac.encoding() + ", expected hex or base64");
        };
    String timestampHeader = hmac.timestampHeader();
    try {
      return new SignatureScheme(
          hmac.header(),
          new SignatureLayout.Single(hmac.prefix()),
          encoding,
          SignedText.of(hmac.template()),
          timestampHeader == null
              ? null
              : new Timestamp(timestampHeader, 1, 12, FIVE_MINUTES, FIVE_MINUTES),
          hmac.idHeader());
    } catch (IllegalArgumentException e) {
      throw broken(config, "auth.template", hmac.template() + ", " + e.getMessage());
    }
  }

  private static Verifier staticHeader(SourceConfig config, AuthConfig auth) {
    String header = auth.header();
    if (header == null || header.isBlank()) {
      throw broken(config, "auth.header", "missing; expected the name of a header");
    }
    requireValues(config, auth, "auth.value");
    return CredentialsVerifier.header(header, auth.values());
  }

  private static List<Secret> basicValues(SourceConfig config, AuthConfig auth) {
    requireValues(config, auth, "auth.value");
    if (!auth.values().stream().allMatch(value -> value.reveal().contains(":"))) {
      throw broken(config, "auth.value", "[redacted], expected user:password");
    }
    return auth.values();
  }

  private static void requireValues(SourceConfig config, AuthConfig auth, String key) {
    if (auth.values().isEmpty()) {
      throw broken(config, key, "missing; expected at least one value");
    }
  }

  private static List<Secret> pathKeys(SourceConfig config) {
    AuthConfig auth = config.auth();
    return auth != null && auth.scheme() == AuthConfig.Scheme.PATH_SECRET
        ? Stream.concat(auth.values().stream(), config.pathKeys().stream()).toList()
        : config.pathKeys();
  }

  private static @Nullable RateLimiter rateLimiter(SourceConfig config) {
    Integer perSecond = config.rateLimit();
    if (perSecond == null) {
      return null;
    }
    if (perSecond <= 0) {
      throw broken(config, "rate-limit", perSecond + ", expected requests per second, at least 1");
    }
    return RateLimiter.of(
        config.name(),
        RateLimiterConfig.custom()
            .limitForPeriod(perSecond)
            .limitRefreshPeriod(Duration.ofSeconds(1))
            .timeoutDuration(Duration.ZERO)
            .build());
  }

  private static List<Cidr> blocks(SourceConfig config, String key, List<String> texts) {
    List<Cidr> blocks = new ArrayList<>();
    for (String text : texts) {
      try {
        blocks.add(Cidr.parse(text));
      } catch (IllegalArgumentException e) {
        throw broken(config, key, text + ", expected a block like 10.0.0.0/8 or 2001:db8::/32");
      }
    }
    return blocks;
  }

  private static ConfigException broken(SourceConfig config, String key, String problem) {
    return new ConfigException("vestibule.sources." + config.name() + "." + key, problem);
  }
}
