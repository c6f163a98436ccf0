package dev.vestibule.normalizer.adapter.essentry;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.first;
import static dev.vestibule.normalizer.adapter.Json.word;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.BodyHash;
import dev.vestibule.normalizer.adapter.CanonicalJson;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.FieldMapping;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Normalization.Events;
import dev.vestibule.normalizer.adapter.Times;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * essentry snapshots. The root key tells the kind (documented); fields are known from samples only,
 * so all but the id of a check-in may be absent. State names are the customer's own text and mean
 * what the source's {@code states} say.
 *
 * <p>The arrival and the departure carry nothing that a later snapshot of the same visit would
 * render differently, so that their repetitions are plain duplicates.
 *
 * @see <a
 *     href="https://integrate.essentry.com/post-processor-integration/real-time-notifications">Real-time
 *     notifications</a>
 */
public final class EssentryAdapter implements Adapter {
  private static final String CHECK_IN = "checkIn";
  private static final String ACCESS_CREDENTIAL = "accessCredential";
  private static final String SEAL_PURPOSE = "credential";
  private static final String ASSIGNED = "assigned";

  private static final int ARRIVAL = 0;
  private static final int DEPARTURE = 1;
  private static final int STATE = 2;

  private static final Set<String> MAPPED_CHECK_IN =
      Set.of(
          "id",
          "state",
          "email",
          "firstName",
          "lastName",
          "companyName",
          "arrivedAt",
          "leftAt",
          "accessControl");

  private final IdentityKey identity;
  private final @Nullable IdentityKey credentialKey;

  /**
   * @param credentialKey seals card numbers and PINs, or null when nothing is to be sealed
   */
  public EssentryAdapter(IdentityKey identity, @Nullable IdentityKey credentialKey) {
    this.identity = identity;
    this.credentialKey = credentialKey;
  }

  @Override
  public Normalization<Draft> adapt(Delivery delivery, JsonNode body) {
    JsonNode checkIn = at(body, CHECK_IN);
    JsonNode credential = at(body, ACCESS_CREDENTIAL);
    if (checkIn.isObject() && isAbsent(credential)) {
      String id = word(checkIn, "id");
      return id == null
          ? Normalization.missing("checkIn.id", "a number or text")
          : new Events<>(checkIn(delivery.source(), checkIn, id));
    }
    if (credential.isObject() && isAbsent(checkIn)) {
      return Normalization.event(accessCredential(delivery.source(), credential));
    }
    return Normalization.unexpectedShape(expectedShape());
  }

  @Override
  public String expectedShape() {
    return "an object with either checkIn or accessCredential";
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private List<Draft> checkIn(SourceConfig source, JsonNode checkIn, String id) {
    List<Draft> drafts = new ArrayList<>();
    String arrived = word(checkIn, "arrivedAt");
    String left = word(checkIn, "leftAt");
    if (arrived != null) {
      drafts.add(presence(source, checkIn, id, EventType.SIGNED_IN, ARRIVAL, arrived));
    }
    if (left != null) {
      drafts.add(presence(source, checkIn, id, EventType.SIGNED_OUT, DEPARTURE, left));
    }
    drafts.add(state(source, checkIn, id));
    return drafts;
  }

  private static Draft presence(
      SourceConfig source, JsonNode checkIn, String id, EventType type, int index, String time) {
    Draft draft = new Draft(type, CHECK_IN, index);
    Instant at = Times.parse(time);
    draft.occurred(at);
    // A time that cannot be read still tells one fact from another.
    draft.keys(
        Keys.about(CHECK_IN, id)
            .withFact(CHECK_IN, id, type.name(), first(Times.second(at), time)));
    fillVisitor(draft, source, checkIn, id);
    if (type == EventType.SIGNED_IN) {
      draft.visit().setSignedInAt(at);
    } else {
      draft.visit().setSignedOutAt(at);
    }
    return draft;
  }

  private Draft state(SourceConfig source, JsonNode checkIn, String id) {
    String state = word(checkIn, "state");
    Draft draft = new Draft(type(source, state), CHECK_IN, STATE);
    draft.keys(
        Keys.about(CHECK_IN, id).withSnapshot(Canonical.checkIn(checkIn), terminalFacts(checkIn)));
    fillVisitor(draft, source, checkIn, id);
    draft.visit().setSignedInAt(Times.parse(word(checkIn, "arrivedAt")));
    draft.visit().setSignedOutAt(Times.parse(word(checkIn, "leftAt")));
    draft.visit().setStatus(state);
    fillCredential(draft, at(checkIn, "accessControl"));
    draft.attributes("", checkIn, MAPPED_CHECK_IN);
    draft.attribute("access", at(checkIn, "accessControl", "access"));
    return draft;
  }

  private static EventType type(SourceConfig source, @Nullable String state) {
    String mapped = state == null ? null : source.states().get(state.toLowerCase(Locale.ROOT));
    return mapped == null ? EventType.UPDATED : FieldMapping.type(mapped).orElse(EventType.UPDATED);
  }

  private static SortedSet<String> terminalFacts(JsonNode checkIn) {
    SortedSet<String> facts = new TreeSet<>();
    if (word(checkIn, "arrivedAt") != null) {
      facts.add("arrived");
    }
    if (word(checkIn, "leftAt") != null) {
      facts.add("left");
    }
    return facts;
  }

  private static void fillVisitor(Draft draft, SourceConfig source, JsonNode checkIn, String id) {
    draft.visit().setId(id);
    draft.visit().setExpectedAt(Times.parse(word(checkIn, "legitimation", "startsAt")));
    draft.person().setFirstName(word(checkIn, "firstName"));
    draft.person().setLastName(word(checkIn, "lastName"));
    draft.person().setEmail(word(checkIn, "email"));
    draft.person().setCompany(word(checkIn, "companyName"));
    draft.site().setId(source.siteId());
  }

  /**
   * Card numbers and PIN: a keyed hash to see changes, and sealed for the sink that opens doors.
   */
  private void fillCredential(Draft draft, JsonNode accessControl) {
    ObjectNode secret = JsonNodeFactory.instance.objectNode();
    JsonNode cards = at(accessControl, "credential");
    if (cards.isObject()) {
      cards
          .properties()
          .forEach(card -> {
            if (!isEmpty(card.getValue())) {
              secret.set(card.getKey(), card.getValue());
            }
          });
    }
    boolean hasCard = !secret.isEmpty();
    boolean hasPin = !isEmpty(at(accessControl, "pin"));
    if (hasPin) {
      secret.set("pin", at(accessControl, "pin"));
    }
    if (secret.isEmpty()) {
      return;
    }
    draft.credential().setKind(hasCard ? hasPin ? "card+pin" : "card" : "pin");
    draft.credential().setState(ASSIGNED);
    String fingerprinted = CanonicalJson.of(secret);
    if (at(accessControl, "access").isObject()) {
      secret.set("access", at(accessControl, "access"));
    }
    seal(draft.credential(), fingerprinted, secret);
  }

  private static boolean isEmpty(JsonNode node) {
    return isAbsent(node) || (node.isTextual() && node.textValue().isBlank());
  }

  /**
   * What it tells of a card and its check-in, sealed like a check-in's own. Where that is in doubt
   * the whole object stays closed but for its id. Its keys are the same either way.
   */
  private Draft accessCredential(SourceConfig source, JsonNode credential) {
    String id = word(credential, "id");
    String canonical = Canonical.accessCredential(credential);
    String object = first(id, BodyHash.sha256(canonical.getBytes(StandardCharsets.UTF_8)));
    Draft draft = new Draft(EventType.CREDENTIAL_CHANGED, ACCESS_CREDENTIAL);
    draft.keys(Keys.about(ACCESS_CREDENTIAL, object).withSnapshot(canonical, new TreeSet<>()));
    draft.site().setId(source.siteId());
    draft.credential().setId(id);
    CardFacts.of(credential, source.credential())
        .ifPresentOrElse(
            facts -> fillCard(draft, facts), () -> seal(draft.credential(), canonical, credential));
    return draft;
  }

  private void fillCard(Draft draft, CardFacts facts) {
    draft.visit().setId(facts.visit());
    draft.credential().setKind(facts.kind());
    draft.credential().setState(facts.isAssigned() ? ASSIGNED : "removed");
    if (!facts.numbers().isEmpty()) {
      seal(draft.credential(), CanonicalJson.of(facts.numbers()), facts.numbers());
    }
  }

  private void seal(AccessCredential credential, String fingerprinted, JsonNode secret) {
    credential.setFingerprint(identity.hash("credential", fingerprinted));
    credential.setSealed(sealed(secret));
  }

  private @Nullable ByteBuffer sealed(JsonNode secret) {
    return credentialKey == null
        ? null
        : ByteBuffer.wrap(
            credentialKey.seal(
                SEAL_PURPOSE, CanonicalJson.of(secret).getBytes(StandardCharsets.UTF_8)));
  }
}
