package dev.vestibule.sink.access;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.sink.UnreadableStateException;
import dev.vestibule.sink.access.Lockdowns.Lock;
import dev.vestibule.sink.access.Lockdowns.Phase;
import dev.vestibule.sink.access.Rules.Place;
import dev.vestibule.sink.access.VisitAccess.Approvals;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Certainty;
import dev.vestibule.sink.access.VisitAccess.Desire;
import dev.vestibule.sink.access.VisitAccess.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * States as bytes for a compacted topic: JSON with a version of its own. Nobody but the sink reads
 * them, and it must be able to while no registry can be reached, since a revoke does not wait for
 * one. Who the visitor is stands there only while something is or may be open, and only sealed.
 *
 * <p>What is not understood is an error, never an empty state: a forgotten tombstone opens doors.
 */
public final class StateFormat {
  private static final int VERSION = 1;
  private static final String CONSEQUENCE = "doors cannot be kept without it";
  private static final String PURPOSE = "access-state";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final IdentityKey identity;

  public StateFormat(IdentityKey identity) {
    this.identity = identity;
  }

  public byte[] write(VisitAccess state) {
    ObjectNode json = JSON.createObjectNode();
    json.put("v", VERSION);
    json.put("seq", state.sequence());
    version(json, "granted", state.granted());
    version(json, "revoked", state.revoked());
    if (!state.revokes().isEmpty()) {
      ArrayNode revokes = json.putArray("revokes");
      state.revokes().forEach(revokes::add);
    }
    version(json, "doubted", state.doubted());
    version(json, "cleared", state.cleared());
    if (!state.approvals().decisions().isEmpty()) {
      ObjectNode decisions = json.putObject("decisions");
      new TreeMap<>(state.approvals().decisions()).forEach(decisions::put);
    }
    instant(json, "approved_at", state.approvals().approvedAt());
    instant(json, "refused_at", state.approvals().refusedAt());
    switch (state.desire()) {
      case Desire.Closed(Cause cause, Instant since) -> {
        json.put("closed", cause.name());
        instant(json, "since", since);
      }
      case Desire.Held(Terms terms, Instant since) -> {
        json.set("held", terms(terms));
        instant(json, "since", since);
      }
      case Desire.Open(Terms terms, Instant notAfter) -> {
        json.set("open", terms(terms));
        instant(json, "not_after", notAfter);
      }
    }
    json.put("given", state.given().certainty().name());
    json.put("given_seq", state.given().sequence());
    if (state.erase()) {
      json.put("erase", true);
    }
    if (!state.cards().isEmpty()) {
      ArrayNode cards = json.putArray("cards");
      state.cards().forEach(card -> cards.add(card(card)));
    }
    return bytes(json);
  }

  /**
   * @throws UnreadableStateException for anything but a state of a known version
   */
  public VisitAccess read(byte[] bytes) {
    JsonNode json = parsed(bytes, "the state of a visit");
    try {
      Map<String, Boolean> decisions = new TreeMap<>();
      json.path("decisions")
          .properties()
          .forEach(entry -> decisions.put(entry.getKey(), entry.getValue().booleanValue()));
      List<String> revokes = new ArrayList<>();
      json.path("revokes").forEach(id -> revokes.add(id.textValue()));
      return new VisitAccess(
          json.required("seq").longValue(),
          version(json.get("granted")),
          version(json.get("revoked")),
          revokes,
          version(json.get("doubted")),
          version(json.get("cleared")),
          new Approvals(
              decisions, instant(json.get("approved_at")), instant(json.get("refused_at"))),
          desire(json),
          new Given(
              Certainty.valueOf(json.required("given").textValue()),
              json.required("given_seq").longValue()),
          json.path("erase").booleanValue(),
          cards(json.path("cards")));
    } catch (RuntimeException | GeneralSecurityException | IOException e) {
      throw new UnreadableStateException("the state of a visit", CONSEQUENCE, e);
    }
  }

  public byte[] write(Lockdowns lockdowns) {
    ObjectNode json = JSON.createObjectNode();
    json.put("v", VERSION);
    ArrayNode locks = json.putArray("locks");
    for (Lock lock : lockdowns.locks()) {
      ObjectNode node = locks.addObject();
      node.put("source", lock.place().source());
      node.put("site", lock.place().site());
      ArrayNode zones = node.putArray("zones");
      lock.zones().stream().sorted().forEach(zones::add);
      version(node, "version", lock.version());
      node.put("phase", lock.phase().name());
      instant(node, "since", lock.since());
    }
    return bytes(json);
  }

  /**
   * @throws UnreadableStateException for anything but lockdowns of a known version
   */
  public Lockdowns readLockdowns(byte[] bytes) {
    JsonNode json = parsed(bytes, "the state of the lockdowns");
    try {
      List<Lock> locks = new ArrayList<>();
      for (JsonNode node : json.required("locks")) {
        locks.add(
            new Lock(
                new Place(node.required("source").textValue(), node.required("site").textValue()),
                texts(node.required("zones")),
                Objects.requireNonNull(version(node.required("version"))),
                Phase.valueOf(node.required("phase").textValue()),
                Instant.parse(node.required("since").textValue())));
      }
      return new Lockdowns(locks);
    } catch (RuntimeException e) {
      throw new UnreadableStateException("the state of the lockdowns", CONSEQUENCE, e);
    }
  }

  private static JsonNode parsed(byte[] bytes, String what) {
    try {
      JsonNode json = JSON.readTree(bytes);
      if (json.path("v").asInt() == VERSION) {
        return json;
      }
    } catch (IOException e) {
      throw new UnreadableStateException(what, CONSEQUENCE, e);
    }
    throw new UnreadableStateException(what, CONSEQUENCE, null);
  }

  private ObjectNode terms(Terms terms) {
    ObjectNode json = JSON.createObjectNode();
    json.put("event", terms.eventId());
    json.put("source", terms.source());
    json.put("screened", terms.screened());
    instant(json, "from", terms.from());
    instant(json, "until", terms.until());
    instant(json, "fresh_until", terms.freshUntil());
    ArrayNode zones = json.putArray("zones");
    terms.zones().stream().sorted().forEach(zones::add);
    ObjectNode who = JSON.createObjectNode();
    who.put("name", terms.name());
    if (terms.email() != null) {
      who.put("email", terms.email());
    }
    json.put("who", identity.seal(PURPOSE, bytes(who)));
    return json;
  }

  private Terms terms(JsonNode json) throws GeneralSecurityException, IOException {
    JsonNode who = JSON.readTree(identity.open(PURPOSE, json.required("who").binaryValue()));
    return new Terms(
        json.required("event").textValue(),
        json.required("source").textValue(),
        json.required("screened").booleanValue(),
        Instant.parse(json.required("from").textValue()),
        Instant.parse(json.required("until").textValue()),
        Instant.parse(json.required("fresh_until").textValue()),
        texts(json.required("zones")),
        who.required("name").textValue(),
        who.path("email").textValue());
  }

  /** The numbers are sealed with another key by whoever sent them. */
  private static ObjectNode card(Card card) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", card.id());
    version(json, "newest", card.newest());
    if (!card.returns().isEmpty()) {
      ArrayNode returns = json.putArray("returns");
      card.returns().forEach(returns::add);
    }
    instant(json, "since", card.since());
    Card.Wanted wanted = card.wanted();
    if (wanted != null) {
      json.putObject("wanted")
          .put("fingerprint", wanted.fingerprint())
          .put("sealed", wanted.sealed())
          .put("fresh_until", wanted.freshUntil().toString());
    }
    Card.Given given = card.given();
    if (given != null) {
      json.putObject("given")
          .put("fingerprint", given.fingerprint())
          .put("sealed", given.sealed())
          .put("sure", given.sure())
          .put("seq", given.sequence())
          .put("print", given.print());
    }
    return json;
  }

  private static List<Card> cards(JsonNode array) {
    List<Card> cards = new ArrayList<>();
    for (JsonNode json : array) {
      List<String> returns = new ArrayList<>();
      json.path("returns").forEach(id -> returns.add(id.textValue()));
      JsonNode wanted = json.get("wanted");
      JsonNode given = json.get("given");
      cards.add(
          new Card(
              json.required("id").textValue(),
              Objects.requireNonNull(version(json.required("newest"))),
              returns,
              wanted == null
                  ? null
                  : new Card.Wanted(
                      wanted.required("fingerprint").textValue(),
                      wanted.required("sealed").textValue(),
                      Instant.parse(wanted.required("fresh_until").textValue())),
              Instant.parse(json.required("since").textValue()),
              given == null
                  ? null
                  : new Card.Given(
                      given.required("fingerprint").textValue(),
                      given.required("sealed").textValue(),
                      given.required("sure").booleanValue(),
                      given.required("seq").longValue(),
                      given.path("print").textValue())));
    }
    return cards;
  }

  private Desire desire(JsonNode json) throws GeneralSecurityException, IOException {
    if (json.has("open")) {
      return new Desire.Open(
          terms(json.get("open")), Instant.parse(json.required("not_after").textValue()));
    }
    Instant since = Instant.parse(json.required("since").textValue());
    return json.has("held")
        ? new Desire.Held(terms(json.get("held")), since)
        : new Desire.Closed(Cause.valueOf(json.required("closed").textValue()), since);
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new LinkedHashSet<>();
    array.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  private static void instant(ObjectNode json, String key, @Nullable Instant instant) {
    if (instant != null) {
      json.put(key, instant.toString());
    }
  }

  private static @Nullable Instant instant(@Nullable JsonNode json) {
    return json == null ? null : Instant.parse(json.textValue());
  }

  private static void version(ObjectNode json, String key, @Nullable VisitVersion version) {
    if (version != null) {
      ArrayNode parts = json.putArray(key);
      parts.add(version.effectiveAt().toString());
      parts.add(version.rank());
      parts.add(version.arrivedAt().toString());
      parts.add(version.eventId());
    }
  }

  private static @Nullable VisitVersion version(@Nullable JsonNode json) {
    return json == null
        ? null
        : new VisitVersion(
            Instant.parse(json.required(0).textValue()),
            json.required(1).intValue(),
            Instant.parse(json.required(2).textValue()),
            json.required(3).textValue());
  }

  private static byte[] bytes(ObjectNode json) {
    try {
      return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    } catch (JacksonException e) {
      throw new UncheckedIOException(e); // texts, numbers and flags can always be written
    }
  }
}
