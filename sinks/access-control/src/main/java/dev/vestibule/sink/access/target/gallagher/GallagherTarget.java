package dev.vestibule.sink.access.target.gallagher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Allowance;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.PersonName;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.Window;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.HttpCaller;
import dev.vestibule.sink.access.target.http.Transport;
import dev.vestibule.sink.access.target.http.Trust;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a cardholder for each grant. Every change is one PATCH worked out from what was just read;
 * hrefs of memberships change with each of their updates, so a change that comes too late fails and
 * is worked out anew.
 */
public final class GallagherTarget implements AccessTarget {
  private static final int ROUNDS = 4;

  private final Transport wire;
  private final GallagherApi api;
  private final GallagherIndex groups;
  private final GallagherIndex zones;
  private final GallagherSettings settings;
  private final InstantSource clock;
  private final String keyField;
  private final String prefix;

  public GallagherTarget(GallagherSettings settings, Turnstile turnstile, InstantSource clock) {
    this(
        settings,
        new HttpCaller(
            settings.timeouts(),
            settings.trust() == null && settings.certificate() == null
                ? null
                : Trust.of(settings.trust(), settings.certificate(), settings.certificateKey()),
            turnstile,
            clock),
        clock);
  }

  GallagherTarget(GallagherSettings settings, Transport wire, InstantSource clock) {
    this.wire = wire;
    this.api = new GallagherApi(wire, settings.uri(), settings.apiKey().reveal());
    this.groups = new GallagherIndex(api, "accessGroups", "access group");
    this.zones = new GallagherIndex(api, "accessZones", "access zone");
    this.settings = settings;
    this.clock = clock;
    this.keyField = "@" + settings.keyFieldName();
    this.prefix = settings.marker() + "-";
  }

  @Override
  public Set<Capability> capabilities() {
    Set<Capability> can = EnumSet.of(Capability.READS_BACK, Capability.LOCKS_DOWN);
    if (settings.cardType() != null) {
      can.add(Capability.TAKES_CARDS);
    }
    return Set.copyOf(can);
  }

  @Override
  public Allowance pace() {
    return new Allowance(4, 0);
  }

  @Override
  public Effect ensureGranted(Grant grant) throws TargetException, InterruptedException {
    Window window = Window.of(grant);
    Set<String> wanted = new TreeSet<>();
    wanted.add(keyGroup());
    for (String zone : grant.zones()) {
      wanted.add(groups.path(zone));
    }
    List<Holder> there = ours(grant.key());
    if (there.isEmpty()) {
      create(grant, window, wanted);
      return Effect.DONE;
    }
    boolean changed = false;
    for (Holder more : there.subList(1, there.size())) {
      changed |= converge(more, this::shut);
    }
    changed |= converge(there.getFirst(), holder -> opened(holder, window, wanted));
    return changed ? Effect.DONE : Effect.ALREADY;
  }

  private void create(Grant grant, Window window, Set<String> wanted)
      throws TargetException, InterruptedException {
    PersonName name = PersonName.of(grant.displayName());
    ObjectNode body =
        object()
            .put("firstName", name.first())
            .put("lastName", name.last())
            .put("authorised", true)
            .put(keyField, prefix + grant.key());
    body.putObject("division").put("href", api.href(settings.division()));
    ArrayNode memberships = body.putArray("accessGroups");
    wanted.forEach(group -> memberships.add(membership(group, window)));
    Answer made = api.good("create cardholder", "POST", api.feature("cardholders"), body);
    String location = made.headers().firstValue("Location").orElse("");
    if (location.isEmpty()) {
      throw made.failure(Kind.AMBIGUOUS, "did not say where the cardholder is");
    }
    requireKey(grant.key(), GallagherApi.path(location));
  }

  /** What does not keep our key would never be found again, so it must not stay. */
  private void requireKey(GrantKey key, String path) throws TargetException, InterruptedException {
    JsonNode holder = read(path);
    if (holder != null && !key.equals(key(holder))) {
      api.good("delete cardholder", "DELETE", path, null);
      throw new TargetException(
          Kind.REJECTED,
          "Gallagher: the cardholder did not keep the personal data field; add it to group '"
              + settings.keyGroup()
              + "'");
    }
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence)
      throws TargetException, InterruptedException {
    boolean changed = false;
    for (Holder holder : ours(key)) {
      changed |= converge(holder, this::shut);
    }
    return changed ? Effect.DONE : Effect.ALREADY;
  }

  /** What is to be changed about a cardholder. */
  @FunctionalInterface
  private interface Plan {
    /** The body of a PATCH, or null where everything is as it shall be. */
    @Nullable ObjectNode of(JsonNode holder) throws TargetException, InterruptedException;
  }

  /** Reads and changes until there is nothing to change; so what was done is always read back. */
  private boolean converge(Holder holder, Plan plan) throws TargetException, InterruptedException {
    JsonNode now = holder.json();
    for (int round = 0; round < ROUNDS; round++) {
      ObjectNode change = now == null ? null : plan.of(now);
      if (change == null) {
        return round > 0;
      }
      Answer answer = api.send("change cardholder", "PATCH", holder.path(), change);
      boolean late =
          answer.status() == GallagherApi.BAD_REQUEST || answer.status() == GallagherApi.NOT_FOUND;
      if (!answer.good() && (!late || round == ROUNDS - 1)) {
        throw GallagherApi.failure(answer);
      }
      now = read(holder.path());
    }
    throw new TargetException(
        Kind.RETRY, "Gallagher: the cardholder is changed by others at the same time");
  }

  private @Nullable ObjectNode opened(JsonNode holder, Window window, Set<String> wanted)
      throws TargetException {
    Set<String> missing = new TreeSet<>(wanted);
    ObjectNode memberships = object();
    for (JsonNode membership : holder.path("accessGroups")) {
      ObjectNode same = object().put("href", membership.path("href").asText());
      if (!missing.remove(groupOf(membership))) {
        memberships.withArray("remove").add(same);
      } else if (!window.equals(window(membership))) {
        memberships.withArray("update").add(put(window, same));
      }
    }
    missing.forEach(group -> memberships.withArray("add").add(membership(group, window)));
    return change(holder, true, memberships, object());
  }

  /**
   * Leaves the group that opens nothing: in it the cardholder keeps our key. Takes the cards too,
   * where cards are ours to give.
   */
  private @Nullable ObjectNode shut(JsonNode holder) throws TargetException, InterruptedException {
    ObjectNode memberships = object();
    ObjectNode cards = object();
    String kept = keyGroup();
    for (JsonNode membership : holder.path("accessGroups")) {
      if (!groupOf(membership).equals(kept)) {
        memberships.withArray("remove").addObject().put("href", membership.path("href").asText());
      }
    }
    if (settings.cardType() != null) {
      for (JsonNode card : holder.path("cards")) {
        cards.withArray("remove").addObject().put("href", card.path("href").asText());
      }
    }
    return change(holder, false, memberships, cards);
  }

  private static @Nullable ObjectNode change(
      JsonNode holder, boolean authorised, ObjectNode memberships, ObjectNode cards) {
    if (memberships.isEmpty()
        && cards.isEmpty()
        && holder.path("authorised").asBoolean() == authorised) {
      return null;
    }
    ObjectNode change = object().put("authorised", authorised);
    if (!memberships.isEmpty()) {
      change.set("accessGroups", memberships);
    }
    if (!cards.isEmpty()) {
      change.set("cards", cards);
    }
    return change;
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException, InterruptedException {
    Observed found = null;
    for (Holder holder : ours(key)) {
      Observed one = observed(key, holder.json());
      found = found == null ? one : found.and(one);
    }
    return Optional.ofNullable(found);
  }

  @Override
  public List<Observed> listManaged() throws TargetException, InterruptedException {
    Map<GrantKey, Observed> found = new LinkedHashMap<>();
    for (String path : search(prefix)) {
      JsonNode holder = read(path);
      GrantKey key = holder == null ? null : key(holder);
      if (holder != null && key != null) {
        found.merge(key, observed(key, holder), Observed::and);
      }
    }
    return List.copyOf(found.values());
  }

  /** The person is in while any membership is valid. */
  private Observed observed(GrantKey key, JsonNode holder)
      throws TargetException, InterruptedException {
    boolean authorised = holder.path("authorised").asBoolean();
    Observed all = new Observed(key, false, null, Set.of(), cards(holder));
    for (JsonNode membership : holder.path("accessGroups")) {
      if (!groupOf(membership).equals(keyGroup())) {
        Instant until = time(membership, "until");
        all =
            all.and(
                new Observed(
                    key,
                    authorised && (until == null || until.isAfter(clock.instant())),
                    until,
                    Set.of(groups.id(groupOf(membership)))));
      }
    }
    return all;
  }

  /**
   * Cards count also where they open nothing now: whoever authorises their holder opens with them.
   */
  private @Nullable Set<CardNumber> cards(JsonNode holder) {
    if (settings.cardType() == null) {
      return null;
    }
    Set<CardNumber> cards = new HashSet<>();
    for (JsonNode card : holder.path("cards")) {
      String number = card.path("number").asText();
      if (!number.isEmpty()) {
        cards.add(new CardNumber(number));
      }
    }
    return cards;
  }

  /** A server may say of an absent cardholder that we are not allowed to, so the search decides. */
  @Override
  public Effect erase(GrantKey key) throws TargetException, InterruptedException {
    List<Holder> there = ours(key);
    for (Holder holder : there) {
      Answer answer = api.send("delete cardholder", "DELETE", holder.path(), null);
      boolean perhapsAbsent =
          answer.status() == GallagherApi.NOT_FOUND || answer.status() == GallagherApi.FORBIDDEN;
      if (!answer.good() && !(perhapsAbsent && !search(exactly(key)).contains(holder.path()))) {
        throw GallagherApi.failure(answer);
      }
    }
    return there.isEmpty() ? Effect.ALREADY : Effect.DONE;
  }

  @Override
  public Lockdown lockDown(Set<String> which) throws TargetException, InterruptedException {
    return command("lockDown", which);
  }

  @Override
  public Lockdown release(Set<String> which) throws TargetException, InterruptedException {
    return command("cancelLockDown", which);
  }

  /** Goes on after a zone that fails: the others must not wait for it. */
  private Lockdown command(String command, Set<String> which)
      throws TargetException, InterruptedException {
    Map<String, String> paths = new HashMap<>();
    for (String zone : which) {
      paths.put(zone, zones.path(zone));
    }
    Set<String> failed = new HashSet<>();
    TargetException last = null;
    for (Map.Entry<String, String> zone : paths.entrySet()) {
      try {
        Answer read = api.sendAtOnce("read zone", "GET", zone.getValue());
        if (!read.good()) {
          throw GallagherApi.failure(read);
        }
        JsonNode href = read.json().path("commands").path(command).path("href");
        if (!href.isTextual()) {
          throw new TargetException(
              Kind.AUTH,
              "Gallagher: zone '"
                  + zone.getKey()
                  + "' does not offer the command; check the licence and the operator's rights");
        }
        Answer answer = api.sendAtOnce(command, "POST", GallagherApi.path(href));
        if (!answer.good()) {
          throw GallagherApi.failure(answer);
        }
      } catch (TargetException e) {
        failed.add(zone.getKey());
        last = e;
      }
    }
    if (last != null && failed.equals(which)) {
      throw last;
    }
    return new Lockdown(failed);
  }

  /** The card ends with the grant, which must be there. */
  @Override
  public Effect assignCard(GrantKey key, String number)
      throws TargetException, InterruptedException {
    String type = settings.cardType();
    if (type == null) {
      throw noCards();
    }
    List<Holder> there = ours(key);
    if (there.isEmpty()) {
      throw new TargetException(Kind.REJECTED, "Gallagher: nobody is there to hold the card");
    }
    boolean changed =
        converge(
            there.getFirst(),
            holder -> {
              Window window = widest(holder);
              if (window == null) {
                throw new TargetException(
                    Kind.REJECTED, "Gallagher: whoever shall hold the card has no grant that ends");
              }
              ObjectNode cards = object();
              boolean held = false;
              for (JsonNode card : holder.path("cards")) {
                if (card.path("number").asText().equals(number)) {
                  held = true;
                  if (!window.equals(window(card))) {
                    cards
                        .withArray("update")
                        .add(put(window, object().put("href", card.path("href").asText())));
                  }
                }
              }
              if (!held) {
                ObjectNode card = put(window, object().put("number", number));
                card.putObject("type").put("href", api.href(type));
                cards.withArray("add").add(card);
              }
              return cardChange(cards);
            });
    return changed ? Effect.DONE : Effect.ALREADY;
  }

  @Override
  public Effect returnCard(GrantKey key, String number)
      throws TargetException, InterruptedException {
    if (settings.cardType() == null) {
      throw noCards();
    }
    boolean changed = false;
    for (Holder one : ours(key)) {
      changed |=
          converge(
              one,
              holder -> {
                ObjectNode cards = object();
                for (JsonNode card : holder.path("cards")) {
                  if (card.path("number").asText().equals(number)) {
                    cards.withArray("remove").addObject().put("href", card.path("href").asText());
                  }
                }
                return cardChange(cards);
              });
    }
    return changed ? Effect.DONE : Effect.ALREADY;
  }

  private static @Nullable ObjectNode cardChange(ObjectNode cards) {
    if (cards.isEmpty()) {
      return null;
    }
    ObjectNode change = object();
    change.set("cards", cards);
    return change;
  }

  private static TargetException noCards() {
    return new TargetException(
        Kind.REJECTED, "Gallagher: no type of cards is configured; set card-type");
  }

  /** The time of the doors' memberships taken together; null where they do not end. */
  private @Nullable Window widest(JsonNode holder) throws TargetException, InterruptedException {
    Window widest = null;
    for (JsonNode membership : holder.path("accessGroups")) {
      if (!groupOf(membership).equals(keyGroup())) {
        Window window = window(membership);
        if (window == null) {
          return null;
        }
        widest =
            widest == null
                ? window
                : new Window(
                    window.from().isBefore(widest.from()) ? window.from() : widest.from(),
                    window.until().isAfter(widest.until()) ? window.until() : widest.until());
      }
    }
    return widest;
  }

  @Override
  public void close() {
    wire.close();
  }

  private String keyGroup() throws TargetException, InterruptedException {
    return groups.path(settings.keyGroup());
  }

  /**
   * A cardholder of ours.
   *
   * @param path which stays the same
   */
  private record Holder(String path, JsonNode json) {}

  /**
   * The cardholders of a key. What a search returns is looked at before it is believed: with the
   * wrong field it might return everybody.
   */
  private List<Holder> ours(GrantKey key) throws TargetException, InterruptedException {
    List<Holder> found = new ArrayList<>();
    for (String path : search(exactly(key))) {
      JsonNode holder = read(path);
      if (holder != null && key.equals(key(holder))) {
        found.add(new Holder(path, holder));
      } else if (holder != null) {
        throw new TargetException(
            Kind.AUTH,
            "Gallagher: the search for our key returned somebody else; check key-field-id and"
                + " key-field-name");
      }
    }
    return found;
  }

  /** Quotes make the search exact. */
  private String exactly(GrantKey key) {
    return '"' + prefix + key + '"';
  }

  private List<String> search(String text) throws TargetException, InterruptedException {
    String query =
        "pdf_"
            + settings.keyFieldId()
            + "="
            + URLEncoder.encode(text, StandardCharsets.UTF_8)
            + "&fields=href";
    List<String> found = new ArrayList<>();
    for (JsonNode holder :
        api.list("find cardholder", GallagherApi.with(api.feature("cardholders"), query))) {
      found.add(GallagherApi.path(holder.path("href")));
    }
    return found;
  }

  private @Nullable JsonNode read(String path) throws TargetException, InterruptedException {
    Answer answer = api.send("read cardholder", "GET", path, null);
    if (answer.status() == GallagherApi.NOT_FOUND) {
      return null;
    }
    if (!answer.good()) {
      throw GallagherApi.failure(answer);
    }
    return answer.json();
  }

  private @Nullable GrantKey key(JsonNode holder) {
    String value = holder.path(keyField).asText();
    try {
      return value.startsWith(prefix) ? new GrantKey(value.substring(prefix.length())) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private ObjectNode membership(String group, Window window) {
    ObjectNode membership = put(window, object());
    membership.putObject("accessGroup").put("href", api.href(group));
    return membership;
  }

  private static String groupOf(JsonNode membership) throws TargetException {
    return GallagherApi.path(membership.path("accessGroup").path("href"));
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode put(Window window, ObjectNode node) {
    return node.put("from", window.from().toString()).put("until", window.until().toString());
  }

  private static @Nullable Window window(JsonNode node) {
    Instant from = time(node, "from");
    Instant until = time(node, "until");
    return from == null || until == null ? null : new Window(from, until);
  }

  private static @Nullable Instant time(JsonNode node, String field) {
    try {
      return node.hasNonNull(field)
          ? OffsetDateTime.parse(node.path(field).asText()).toInstant()
          : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
