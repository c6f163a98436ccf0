package dev.vestibule.config;

import dev.vestibule.config.Setting.Group;
import dev.vestibule.config.Setting.Items;
import dev.vestibule.config.Setting.Text;
import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Sensitivity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the configuration file of an installation and puts the environment over it. Strict: what is
 * not understood stops the start with one line that names the key, the value unless it may be a
 * secret, and what is expected.
 */
public final class ConfigLoader {
  private static final String ROOT = "vestibule";
  private static final int MAX_PORT = 65_535;
  private static final int DEFAULT_PORT = 8080;
  private static final int DEFAULT_ADMIN_PORT = 8090;
  private static final long MIB = 1024L * 1024;
  private static final long DEFAULT_PENDING_BYTES = 64 * MIB;
  private static final long MIN_SPOOL_BYTES = 16 * MIB;
  private static final long MAX_SPOOL_BYTES = 1024 * 1024 * MIB;

  /** Names become URL path segments, consumer groups and folders. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,62}");

  private static final Pattern TOPIC_PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,100}");

  /** Vendors that can report that their own screening has found somebody. */
  private static final Set<Vendor> SCREENING = Set.of(Vendor.KYBERACCESS, Vendor.STANDARD_WEBHOOKS);

  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  private ConfigLoader() {}

  /**
   * Loads one installation.
   *
   * @param file YAML with the single key {@code vestibule}; paths of secret files in it are
   *     relative to its folder
   * @param dataDir where relative paths of key files start
   * @param environment variables for {@code ${NAME}} and for {@code VESTIBULE_<KEY>}, which win
   *     over the file
   * @throws ConfigException when anything is not understood
   */
  public static VestibuleConfig load(Path file, Path dataDir, Map<String, String> environment) {
    Path folder = file.toAbsolutePath().getParent();
    Group installation = read(file, environment);
    return installation(
        new Section("", installation.values(), folder == null ? Path.of("") : folder), dataDir);
  }

  /**
   * The files of secrets that an installation names, whether they can be read or not.
   *
   * @throws ConfigException when anything but such a file is not understood
   */
  public static Set<Path> secretFiles(Path file, Map<String, String> environment) {
    Path folder = file.toAbsolutePath().getParent();
    Set<Path> files = new LinkedHashSet<>();
    collect(read(file, environment), folder == null ? Path.of("") : folder, files);
    return files;
  }

  private static void collect(Setting setting, Path folder, Set<Path> files) {
    switch (setting) {
      case Group(Map<String, Setting> values)
          when values.size() == 1 && values.get("file") instanceof Text name ->
          files.add(folder.resolve(name.value()));
      case Group(Map<String, Setting> values) ->
          values.values().forEach(value -> collect(value, folder, files));
      case Items(List<Setting> values) -> values.forEach(value -> collect(value, folder, files));
      case Text text -> {
        // A value, not a file.
      }
    }
  }

  /** The checked keys under the root, with the environment over them. */
  private static Group read(Path file, Map<String, String> environment) {
    Group document = new YamlFile(new Placeholders(environment)).read(file);
    Setting root = document.values().get(ROOT);
    for (String key : document.values().keySet()) {
      if (!key.equals(ROOT)) {
        throw new ConfigException(
            Display.of(key), "unknown key; " + Suggestion.of(key, List.of(ROOT)));
      }
    }
    Group installation =
        switch (root) {
          case null -> new Group(new LinkedHashMap<>());
          case Group group -> group;
          case Text text -> throw new ConfigException(ROOT, "is a single value; expected keys");
          case Items items -> throw new ConfigException(ROOT, "is a list; expected keys");
        };
    new Environment(environment).overlay(Layout.INSTALLATION, installation);
    Layout.INSTALLATION.check("", installation);
    return installation;
  }

  private static VestibuleConfig installation(Section section, Path dataDir) {
    Map<String, SourceConfig> sources = new LinkedHashMap<>();
    Section sourceSections = section.section("sources");
    for (String name : sourceSections.keys()) {
      checkName(sourceSections, name);
      sources.put(name, SourceReader.read(name, sourceSections.section(name)));
    }
    Map<String, SinkConfig> sinks = new LinkedHashMap<>();
    Section sinkSections = section.section("sinks");
    for (String name : sinkSections.keys()) {
      checkName(sinkSections, name);
      if (sources.containsKey(name)) {
        throw sinkSections.problem(
            name, "'" + name + "' is also a source; expected names unique over sources and sinks");
      }
      sinks.put(name, sink(name, sinkSections.section(name)));
    }
    IngressConfig ingress = ingress(section.section("ingress"));
    checkClientCertificates(sourceSections, sources, ingress);
    return new VestibuleConfig(
        identity(section.section("identity"), dataDir),
        Collections.unmodifiableMap(sources),
        Collections.unmodifiableMap(sinks),
        Collections.unmodifiableMap(section.section("kafka").open()),
        registry(section.section("registry")),
        topics(section.section("topics"), ofSinks(sinks.values())),
        ingress,
        spool(section.section("spool")),
        watchlist(section.section("watchlist"), sources));
  }

  private static void checkName(Section section, String name) {
    if (!NAME.matcher(name).matches()) {
      throw section.problem(
          name,
          "'"
              + Display.of(name)
              + "' cannot be part of a URL; expected at most 63 of a-z, 0-9, '-', '_' and '.',"
              + " starting with a letter or digit");
    }
  }

  private static IdentityConfig identity(Section section, Path dataDir) {
    return new IdentityConfig(
        keyFile(section, "key-file", "identity.key", dataDir),
        keyFile(section, "credential-key-file", "credential.key", dataDir));
  }

  private static Path keyFile(Section section, String key, String fallback, Path dataDir) {
    String name = section.text(key, fallback);
    try {
      return dataDir.resolve(name);
    } catch (RuntimeException e) {
      throw section.wrong(key, name, "a path");
    }
  }

  private static SinkConfig sink(String name, Section section) {
    String id = section.text("type");
    if (id == null) {
      throw section.problem("type", "is missing; expected " + String.join(", ", SinkType.ids()));
    }
    SinkType type =
        SinkType.byId(id)
            .orElseThrow(
                () -> section.wrong("type", id, "one of " + String.join(", ", SinkType.ids())));
    Map<String, String> settings = new LinkedHashMap<>();
    for (String key : section.keys()) {
      if (key.equals("type") || key.equals("sensitivities")) {
        continue;
      }
      if (!type.keys().containsKey(key)) {
        throw section.problem(
            key,
            "does not belong to a sink of type "
                + id
                + "; expected "
                + String.join(", ", type.keys().keySet().stream().sorted().toList()));
      }
      settings.put(
          key,
          type.keys().get(key) instanceof Shape.FilePath
              ? String.valueOf(section.file(key))
              : String.join("\n", section.secrets(key).stream().map(Secret::reveal).toList()));
    }
    return new SinkConfig(
        name, id, sensitivities(section, type), Collections.unmodifiableMap(settings));
  }

  private static Set<Sensitivity> sensitivities(Section section, SinkType type) {
    if (!section.has("sensitivities")) {
      return type.sensitivities();
    }
    Set<Sensitivity> granted = EnumSet.noneOf(Sensitivity.class);
    for (String value : section.texts("sensitivities")) {
      granted.add(section.constant("sensitivities", value, Sensitivity.class));
    }
    if (granted.isEmpty()) {
      throw section.problem("sensitivities", "is empty; expected standard, restricted or health");
    }
    return Collections.unmodifiableSet(granted);
  }

  private static RegistryConfig registry(Section section) {
    Section auth = section.section("auth");
    String username = auth.text("username");
    Secret password = auth.secret("password");
    if (username != null && password == null) {
      throw auth.problem("password", "is missing; expected the password of the user");
    }
    if (username == null && password != null) {
      throw auth.problem("username", "is missing; expected the user of the password");
    }
    if (username != null && username.contains(":")) {
      throw auth.wrong("username", username, "a name without colon");
    }
    String url = section.text("url");
    if (url != null && !HttpAddress.isValid(url)) {
      throw section.wrong("url", withoutUserInfo(url), "an address such as http://127.0.0.1:8081");
    }
    return new RegistryConfig(url, username, password);
  }

  /** Somebody may have put a password into the address. */
  private static String withoutUserInfo(String url) {
    return url.replaceAll("[^/]*@", "…@");
  }

  private static List<TopicSpec> ofSinks(Collection<SinkConfig> sinks) {
    return sinks.stream()
        .flatMap(sink ->
            SinkType.byId(sink.type()).stream()
                .flatMap(type -> type.topics().apply(sink.name()).stream()))
        .toList();
  }

  private static TopicsConfig topics(Section section, List<TopicSpec> ofSinks) {
    String prefix = section.anyText("prefix", "");
    if (!TOPIC_PREFIX.matcher(prefix).matches()) {
      throw section.wrong("prefix", prefix, "at most 100 of A-Z, a-z, 0-9, '.', '_' and '-'");
    }
    List<String> names = Topics.all().stream().map(TopicSpec::name).toList();
    Map<String, Integer> partitions = new LinkedHashMap<>();
    Section counts = known(section.section("partitions"), names);
    for (String name : counts.keys()) {
      partitions.put(name, (int) counts.number(name, 0, 1, 10_000));
    }
    Map<String, Duration> retention = new LinkedHashMap<>();
    Section spans = known(section.section("retention"), names);
    for (String name : spans.keys()) {
      Duration span = spans.duration(name);
      if (span != null) {
        if (span.compareTo(Duration.ofMinutes(1)) < 0) {
          throw spans.wrong(name, String.valueOf(spans.text(name)), "at least 1m");
        }
        retention.put(name, span);
      }
    }
    return new TopicsConfig(
        prefix,
        (short) section.number("replication", 3, 1, 100),
        Collections.unmodifiableMap(partitions),
        Collections.unmodifiableMap(retention),
        ofSinks);
  }

  private static Section known(Section section, List<String> names) {
    for (String name : section.keys()) {
      if (!names.contains(name)) {
        throw section.problem(name, "unknown topic; " + Suggestion.of(name, names));
      }
    }
    return section;
  }

  private static IngressConfig ingress(Section section) {
    return new IngressConfig(
        host(section, "host", "0.0.0.0"),
        (int) section.number("port", DEFAULT_PORT, 0, MAX_PORT),
        host(section, "admin-host", "127.0.0.1"),
        (int) section.number("admin-port", DEFAULT_ADMIN_PORT, 0, MAX_PORT),
        section.size("max-pending-bytes", DEFAULT_PENDING_BYTES, MIB, 1024 * MIB),
        connections(section.section("connections")),
        section.has("tls") ? tls(section.section("tls")) : null);
  }

  private static TlsConfig tls(Section section) {
    Path certificate = section.file("certificate");
    Path key = section.file("key");
    if (certificate == null || key == null) {
      throw section.problem(
          certificate == null ? "certificate" : "key", "is missing; expected a PEM file");
    }
    return new TlsConfig(certificate, key, section.file("client-ca"));
  }

  /** A certificate that nobody asks for can never be shown. */
  private static void checkClientCertificates(
      Section sections, Map<String, SourceConfig> sources, IngressConfig ingress) {
    for (SourceConfig source : sources.values()) {
      if (source.clientCertificate() != null
          && (ingress.tls() == null || ingress.tls().clientCa() == null)) {
        throw sections
            .section(source.name())
            .problem(
                "client-certificate",
                "needs a TLS port that asks for it; expected ingress.tls.client-ca");
      }
    }
  }

  private static ConnectionLimits connections(Section section) {
    ConnectionLimits fallback = ConnectionLimits.DEFAULT;
    return new ConnectionLimits(
        (int) section.number("max", fallback.max(), 1, 1_000_000),
        // An answer may take five seconds, in which nothing is heard.
        between(
            section,
            "idle-timeout",
            fallback.idleTimeout(),
            Duration.ofSeconds(10),
            Duration.ofHours(1)),
        between(
            section,
            "request-timeout",
            fallback.requestTimeout(),
            Duration.ofSeconds(1),
            Duration.ofMinutes(10)),
        (int) section.size("max-header-bytes", fallback.maxHeaderBytes(), 1024, MIB),
        (int) section.number("max-requests", fallback.maxRequests(), 1, Integer.MAX_VALUE),
        (int) section.number("max-pipelined", fallback.maxPipelined(), 1, 1000));
  }

  private static SpoolConfig spool(Section section) {
    SpoolConfig fallback = SpoolConfig.DEFAULT;
    return new SpoolConfig(
        folder(section, fallback.folder()),
        section.size("max-bytes", fallback.maxBytes(), MIN_SPOOL_BYTES, MAX_SPOOL_BYTES),
        between(section, "max-age", fallback.maxAge(), Duration.ofMinutes(1), Duration.ofDays(30)),
        // Spooling after it, and the answer, must fit into five seconds.
        between(
            section,
            "ack-timeout",
            fallback.ackTimeout(),
            Duration.ofMillis(50),
            Duration.ofSeconds(3)));
  }

  private static WatchlistConfig watchlist(Section section, Map<String, SourceConfig> sources) {
    String country = section.text("country");
    if (country != null && !COUNTRIES.contains(country)) {
      throw section.wrong("country", country, "an ISO 3166 country code such as DE or US");
    }
    Set<String> feed = new LinkedHashSet<>(section.texts("feed"));
    for (String name : feed) {
      SourceConfig source = sources.get(name);
      if (source == null) {
        throw section.problem(
            "feed",
            "'" + Display.of(name) + "' is no source; " + Suggestion.of(name, sources.keySet()));
      }
      if (!SCREENING.contains(source.vendor())) {
        throw section.problem(
            "feed",
            "'"
                + name
                + "' is of vendor "
                + source.vendor().id()
                + ", which reports no hits; expected sources of kyberaccess or standard-webhooks");
      }
    }
    return new WatchlistConfig(
        country,
        feed,
        between(
            section,
            "feed-for",
            WatchlistConfig.DEFAULT_FEED_FOR,
            Duration.ofHours(1),
            Duration.ofDays(3650)));
  }

  private static Path folder(Section section, Path fallback) {
    String name = section.text("folder");
    try {
      return name == null ? fallback : Path.of(name);
    } catch (RuntimeException e) {
      throw section.wrong("folder", String.valueOf(name), "a path");
    }
  }

  private static Duration between(
      Section section, String key, Duration fallback, Duration min, Duration max) {
    Duration value = section.duration(key);
    if (value == null) {
      return fallback;
    }
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw section.wrong(key, section.text(key, ""), "a duration from " + min + " to " + max);
    }
    return value;
  }

  private static String host(Section section, String key, String fallback) {
    String host = section.text(key, fallback);
    if (!HttpAddress.isHost(host)) {
      throw section.wrong(key, host, "a host name or an IP address without port");
    }
    return host;
  }
}
