package dev.vestibule.normalizer;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.CredentialConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.normalizer.adapter.Normalization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * A file: a raw webhook, and what becomes of it.
 *
 * <p>Given: {@code body} (JSON), {@code text} or {@code base64}; {@code headers} beside the usual
 * ones (null takes one away); {@code key}; settings of the {@code source}. Expected: {@code events}
 * with every field that is not null and their key headers, {@code deadLetter}, or {@code ignored}.
 * Sealed bytes are random, so their content stands under {@code sealed}.
 */
record Scenario(Path file, ObjectNode content) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The same in every scenario; told once in the topology test. */
  private static final Set<String> COMMON =
      Set.of("vendor", "source", "account", "origin", "received_at");

  private static final List<String> KEY_HEADERS =
      List.of(
          Headers.KEY_TRANSPORT,
          Headers.KEY_DELIVERY,
          Headers.KEY_FACT,
          Headers.KEY_SNAPSHOT,
          Headers.KEY_HINT,
          Headers.IDENTITY,
          Headers.SNAPSHOT_FINGERPRINT,
          Headers.SNAPSHOT_FACTS,
          Headers.CE_SUBJECT);

  static Stream<Scenario> all() {
    try (Stream<Path> files = Files.walk(Path.of("src/test/resources/scenarios"))) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream()
          .map(Scenario::load);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Scenario load(Path file) {
    try {
      return new Scenario(file, (ObjectNode) MAPPER.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Scenario of(String name) {
    return load(Path.of("src/test/resources/scenarios", name + ".json"));
  }

  /** The folder's vendor; hostile bodies come as KyberAccess. */
  Vendor vendor() {
    return Vendor.byId(folder()).orElse(Vendor.KYBERACCESS);
  }

  RawRecord raw() {
    Map<String, String> headers = Fixtures.headers(vendor());
    content
        .path("headers")
        .properties()
        .forEach(header -> {
          if (header.getValue().isNull()) {
            headers.remove(header.getKey());
          } else {
            headers.put(header.getKey(), header.getValue().textValue());
          }
        });
    String key = content.path("key").asText(Fixtures.ACCOUNT + ":object");
    return Fixtures.raw(vendor(), headers, key, body());
  }

  byte[] body() {
    if (content.has("body")) {
      return content.get("body").toString().getBytes(StandardCharsets.UTF_8);
    }
    return content.has("text")
        ? content.get("text").textValue().getBytes(StandardCharsets.UTF_8)
        : Base64.getDecoder().decode(content.get("base64").textValue());
  }

  Normalizer normalizer() {
    return normalizer(KeyScheme.OF_THIS_BUILD);
  }

  Normalizer normalizer(KeyScheme scheme) {
    return new Normalizer(
        Fixtures.IDENTITY, Fixtures.CREDENTIAL_KEY, Map.of(Fixtures.SOURCE, source()), scheme);
  }

  private SourceConfig source() {
    SourceConfig plain = SourceConfig.of(Fixtures.SOURCE, vendor(), Fixtures.ACCOUNT);
    JsonNode settings = content.path("source");
    SourceConfig source =
        new SourceConfig(
            plain.name(),
            plain.vendor(),
            plain.account(),
            plain.secrets(),
            plain.auth(),
            plain.signature(),
            plain.pathKeys(),
            plain.pastTolerance(),
            plain.futureTolerance(),
            plain.maxBodyBytes(),
            plain.rateLimit(),
            plain.allowedNetworks(),
            plain.trustedProxies(),
            texts(settings.path("states")),
            texts(settings.path("mapping")),
            settings.path("siteId").textValue());
    return settings.has("credential")
        ? source.withCredential(credential(settings.get("credential")))
        : source;
  }

  private static CredentialConfig credential(JsonNode where) {
    List<String> words = new ArrayList<>();
    where.path("assignedWords").forEach(word -> words.add(word.textValue()));
    return new CredentialConfig(
        where.path("visit").textValue(),
        where.path("number").textValue(),
        where.path("kind").textValue(),
        where.path("assigned").textValue(),
        where.has("assignedWords") ? words : CredentialConfig.DEFAULT.assignedWords());
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(member -> texts.put(member.getKey(), member.getValue().asText()));
    return texts;
  }

  Normalization<Normalized> run() {
    return normalizer().normalize(raw());
  }

  JsonNode expected() {
    return content.path("expect");
  }

  /** What really became of it, in the form of {@link #expected}. */
  JsonNode actual() {
    ObjectNode actual = MAPPER.createObjectNode();
    switch (run()) {
      case Normalization.Events<Normalized>(List<Normalized> events) -> {
        var list = actual.putArray("events");
        events.forEach(event -> list.add(project(event)));
      }
      case Normalization.Ignored<Normalized>(Normalization.IgnoredReason reason) ->
          actual.put("ignored", reason.name());
      case Normalization.Unprocessable<Normalized> why ->
          actual.set("deadLetter", project(DeadLetters.of(raw(), why, Fixtures.APPENDED_AT)));
    }
    return actual;
  }

  private static JsonNode project(DeadLetter letter) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("reason", letter.getReason());
    node.put("field", letter.getField());
    node.put("expected", letter.getExpected());
    node.put("hasOriginal", letter.getOriginal() != null);
    return node;
  }

  private static ObjectNode project(Normalized normalized) {
    VisitorEvent event = normalized.event();
    ObjectNode node = project(event, COMMON);
    if (event.getPath().equals("webhook")) {
      node.remove("path");
    }
    ObjectNode keys = node.putObject("headers");
    for (String name : KEY_HEADERS) {
      String value = normalized.headers().get(name);
      if (value != null) {
        keys.put(name, value);
      }
    }
    return node;
  }

  private static ObjectNode project(SpecificRecord record, Set<String> without) {
    ObjectNode node = MAPPER.createObjectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value != null && !without.contains(field.name())) {
        JsonNode projected = value(value);
        if (!projected.isObject() || !projected.isEmpty()) {
          node.set(field.name(), projected);
        }
      }
    }
    return node;
  }

  private static JsonNode value(Object value) {
    return switch (value) {
      case SpecificRecord group -> project(group, Set.of());
      case Map<?, ?> map -> {
        ObjectNode node = MAPPER.createObjectNode();
        new TreeMap<>(map).forEach((name, text) -> node.set(name.toString(), value(text)));
        yield node;
      }
      case ByteBuffer sealed -> open(sealed);
      default -> MAPPER.getNodeFactory().textNode(asWritten(value.toString()));
    };
  }

  /** Text as it survives UTF-8: half a surrogate pair becomes a question mark. */
  private static String asWritten(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static JsonNode open(ByteBuffer sealed) {
    byte[] bytes = new byte[sealed.remaining()];
    sealed.duplicate().get(bytes);
    try {
      return MAPPER.readTree(Fixtures.CREDENTIAL_KEY.open("credential", bytes));
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError("not sealed with the credential key", e);
    }
  }

  /** Writes what really happens as what is expected. For {@link ScenarioWriter} alone. */
  void accept() {
    content.set("expect", actual());
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
    try {
      Files.writeString(file, MAPPER.writer(printer).writeValueAsString(content) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return folder() + "/" + file.getFileName();
  }

  private String folder() {
    return file.getName(file.getNameCount() - 2).toString();
  }

  /** The header of the first event, or null. */
  @Nullable String header(String name) {
    return ((Normalization.Events<Normalized>) run()).events().getFirst().headers().get(name);
  }
}
