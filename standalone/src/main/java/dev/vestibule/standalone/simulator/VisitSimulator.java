package dev.vestibule.standalone.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.EventType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Invents visits and tells them as each vendor would, in the order in which things happen. The same
 * seed and time give the same bytes. Ids grow by one per visit, and no two messages about anything
 * share a second, so every message is a fact of its own unless a caller repeats it.
 *
 * <p>Not safe for several threads.
 */
public final class VisitSimulator {
  /** The day began this long before now. */
  private static final Duration MORNING = Duration.ofHours(6);

  private final Random random;
  private Instant time;
  private long lastId = 1000;

  public VisitSimulator(Random random, InstantSource clock) {
    this.random = random;
    this.time = clock.instant().minus(MORNING);
  }

  /** One ordinary visit from announcement to departure, in a vendor's words. */
  public List<Planned> visit(Vendor vendor) {
    Scene scene = newcomer();
    return switch (vendor) {
      case ENVOY -> random.nextInt(3) == 0 ? envoyWebhooksApp(scene) : envoyDashboardApp(scene);
      case SIGN_IN_APP -> signInApp(scene, random.nextBoolean());
      case ESSENTRY -> essentry(scene);
      case KYBERACCESS -> kyberAccess(scene);
      case CURACEL -> curacel(scene);
      case STANDARD_WEBHOOKS -> standardWebhooks(scene);
    };
  }

  /** What happens beside ordinary visits: one message of every other kind that a vendor sends. */
  public List<Planned> rarities(Vendor vendor) {
    return switch (vendor) {
      case ENVOY -> envoyRarities();
      case SIGN_IN_APP, CURACEL -> List.of();
      case ESSENTRY -> essentryRarities();
      case KYBERACCESS -> kyberAccessRarities();
      case STANDARD_WEBHOOKS -> List.of(standard(newcomer().at(tick()), "door.forced"));
    };
  }

  // ---- Envoy

  private List<Planned> envoyDashboardApp(Scene start) {
    List<Planned> story = new ArrayList<>();
    story.add(envoyInvite(start, "invite_created", EventType.PRE_REGISTERED));
    story.add(envoyInvite(start, "upcoming_visit", EventType.UPCOMING));
    story.addAll(envoyStay(start, "entry_sign_in", "entry_sign_out"));
    return story;
  }

  private List<Planned> envoyWebhooksApp(Scene start) {
    return envoyStay(start, "webhooks-app.entry_sign_in", "webhooks-app.entry_sign_out");
  }

  private List<Planned> envoyStay(Scene start, String arrival, String departure) {
    Instant in = tick();
    Instant out = tick();
    return List.of(
        envoyEntry(start.at(in), arrival, EventType.SIGNED_IN, in),
        envoyEntry(start.at(out).withTime("earlier", in), departure, EventType.SIGNED_OUT, out));
  }

  /**
   * An arrival as the customer's webhooks app tells it, and then the same arrival from a
   * developer's app, which says more about the place: one fact, two wordings.
   */
  public List<Planned> envoyTwoTellings() {
    Instant in = tick();
    Scene scene = newcomer().at(in);
    Planned thin = envoyEntry(scene, "webhooks-app.entry_sign_in", EventType.SIGNED_IN, in);
    Planned rich = envoyEntry(scene, "entry_sign_in", EventType.SIGNED_IN, in);
    return List.of(thin, rich);
  }

  /** Somebody whom a person has to let in. */
  public Planned envoyReview() {
    Scene held = newcomer().at(tick());
    return envoyEntry(held, "entry_blacklist_review", EventType.REVIEW_REQUIRED, null);
  }

  private List<Planned> envoyRarities() {
    Scene guest = newcomer();
    Scene rejected = newcomer();
    Scene employee = newcomer();
    List<Planned> story = new ArrayList<>();
    story.add(envoyInvite(guest, "invite_updated", EventType.UPDATED));
    story.add(envoyInvite(guest, "invite_removed", EventType.PRE_REGISTRATION_CANCELLED));
    story.add(
        envoyEntry(rejected.at(tick()), "entry_blacklist_review", EventType.REVIEW_REQUIRED, null));
    story.add(envoyEntry(rejected.at(tick()), "entry_blacklist_deny", EventType.DENIED, null));
    story.addAll(envoyStay(employee, "employee_entry_sign_in", "employee_entry_sign_out"));
    return story;
  }

  private Planned envoyEntry(Scene scene, String sample, EventType type, @Nullable Instant at) {
    Scene again = scene.sameFactAgain(random);
    return envoy(again, sample, Fact.of(type, Vendor.ENVOY, "entry:" + again.value("visit"), at));
  }

  private Planned envoyInvite(Scene scene, String sample, EventType type) {
    Scene again = scene.sameFactAgain(random).at(tick());
    return envoy(
        again, sample, Fact.of(type, Vendor.ENVOY, "invite:" + again.value("invite"), null));
  }

  private Planned envoy(Scene scene, String sample, Fact fact) {
    boolean webhooksApp = sample.startsWith("webhooks-app.");
    Message message = message(Vendor.ENVOY, sample, scene);
    return Planned.of(
        message,
        webhooksApp
            ? fact.worded("without the place")
            : fact.worded("with the place").deliveredAs(scene.value("job").toString()));
  }

  // ---- Sign In App

  private List<Planned> signInApp(Scene start, boolean wild) {
    Instant in = tick();
    Instant out = tick();
    String hyphen = wild ? "-" : "";
    return List.of(
        signInApp(start.at(in), "visitor.sign" + hyphen + "in", EventType.SIGNED_IN, in),
        signInApp(start.at(out), "visitor.sign" + hyphen + "out", EventType.SIGNED_OUT, out));
  }

  /** One sign-in, told by two notification rules: same fact, each with a key of its own. */
  public List<Planned> signInAppTwoRules() {
    Instant in = tick();
    Scene scene = newcomer().at(in);
    return List.of(
        signInApp(scene, "visitor.signin", EventType.SIGNED_IN, in),
        signInApp(scene, "visitor.signin", EventType.SIGNED_IN, in));
  }

  /** A sign-in, and then a sign-out of the same visit under the very same idempotency key. */
  public List<Planned> signInAppContradiction() {
    Instant in = tick();
    Instant out = tick();
    Scene scene = newcomer();
    return List.of(
        signInAppAs(scene.at(in), "visitor.signin", EventType.SIGNED_IN, in),
        signInAppAs(scene.at(out), "visitor.signout", EventType.SIGNED_OUT, out));
  }

  private Planned signInApp(Scene scene, String sample, EventType type, Instant at) {
    return signInAppAs(scene.sameFactAgain(random), sample, type, at);
  }

  private Planned signInAppAs(Scene scene, String sample, EventType type, Instant at) {
    Fact fact =
        Fact.of(type, Vendor.SIGN_IN_APP, scene.value("site") + ":" + scene.value("visit"), at)
            .deliveredAs(scene.value("key").toString());
    return Planned.of(message(Vendor.SIGN_IN_APP, sample, scene), fact);
  }

  // ---- essentry

  private List<Planned> essentry(Scene start) {
    Instant in = tick();
    Instant out = tick();
    Scene visit = start.at(in).withTime("earlier", in);
    return List.of(
        essentry(visit, "check-in.pending", null, null),
        essentry(visit.withTime("now", in), "check-in.onsite", in, null),
        essentry(visit.withTime("now", out), "check-in.left", in, out));
  }

  /** The same state twice, with image links signed anew: the second time nothing has happened. */
  public List<Planned> essentryUnchanged() {
    Instant in = tick();
    Scene visit = newcomer().at(in).withTime("earlier", in);
    return List.of(
        essentry(visit, "check-in.onsite", in, null), essentry(visit, "check-in.onsite", in, null));
  }

  private List<Planned> essentryRarities() {
    Scene scene = newcomer().at(tick());
    Scene card = newcomer().at(tick());
    Fact handedOut =
        Fact.of(
                EventType.CREDENTIAL_CHANGED,
                Vendor.ESSENTRY,
                "credential:" + card.value("visit"),
                null)
            .inState("assigned");
    return List.of(
        essentry(scene, "check-in.rejected", null, null),
        Planned.of(message(Vendor.ESSENTRY, "access-credential", card), handedOut));
  }

  private Planned essentry(
      Scene scene, String sample, @Nullable Instant arrived, @Nullable Instant left) {
    Scene again = scene.sameFactAgain(random);
    String object = "check-in:" + again.value("visit");
    List<Fact> facts = new ArrayList<>();
    if (arrived != null) {
      facts.add(Fact.of(EventType.SIGNED_IN, Vendor.ESSENTRY, object, arrived));
    }
    if (left != null) {
      facts.add(Fact.of(EventType.SIGNED_OUT, Vendor.ESSENTRY, object, left));
    }
    facts.add(Fact.of(EventType.UPDATED, Vendor.ESSENTRY, object, null).inState(sample));
    return new Planned(message(Vendor.ESSENTRY, sample, again), facts, true);
  }

  // ---- KyberAccess

  private List<Planned> kyberAccess(Scene start) {
    List<Planned> story = new ArrayList<>();
    String visitor = "visitor:" + start.value("visit");
    story.add(kyber(start, "visitor.pre_registered", EventType.PRE_REGISTERED, visitor));
    story.add(kyber(start, "screening.cleared", EventType.SCREENING_CLEARED, visitor));
    story.add(kyber(start, "document.nda_signed", EventType.DOCUMENT_SIGNED, visitor));
    story.add(kyber(start, "visitor.checked_in", EventType.SIGNED_IN, visitor));
    story.add(kyber(start, "visitor.checked_out", EventType.SIGNED_OUT, visitor));
    return story;
  }

  private List<Planned> kyberAccessRarities() {
    Scene suspect = newcomer();
    Scene guest = newcomer();
    Scene office = newcomer();
    Scene parcel = newcomer();
    String denied = "visitor:" + suspect.value("visit");
    String changed = "visitor:" + guest.value("visit");
    String site = "location:" + office.value("site");
    String box = "parcel:" + parcel.value("visit");
    String account = "account";
    return List.of(
        kyber(suspect, "screening.watchlist_hit", EventType.WATCHLIST_HIT, denied),
        kyber(suspect, "screening.bolo_alert", EventType.BOLO_ALERT, denied),
        kyber(suspect, "document.nda_declined", EventType.DOCUMENT_DECLINED, denied),
        kyber(suspect, "visitor.denied", EventType.DENIED, denied),
        kyber(guest, "visitor.updated", EventType.UPDATED, changed),
        kyber(
            guest,
            "visitor.pre_registration_cancelled",
            EventType.PRE_REGISTRATION_CANCELLED,
            changed),
        kyber(guest, "visitor.deleted", EventType.ERASED, changed),
        kyber(office, "emergency.lockdown_activated", EventType.LOCKDOWN_ACTIVATED, site),
        kyber(office, "emergency.lockdown_deactivated", EventType.LOCKDOWN_DEACTIVATED, site),
        kyber(office, "emergency.evacuation_activated", EventType.EVACUATION_ACTIVATED, site),
        kyber(parcel, "delivery.received", EventType.DELIVERY_RECEIVED, box),
        kyber(parcel, "delivery.notified", EventType.DELIVERY_NOTIFIED, box),
        kyber(parcel, "delivery.picked_up", EventType.DELIVERY_PICKED_UP, box),
        kyber(office, "user.login", EventType.USER_LOGIN, account),
        kyber(office, "user.login_failed", EventType.USER_LOGIN_FAILED, account),
        kyber(office, "settings.updated", EventType.SETTINGS_UPDATED, account));
  }

  /** One arrival. */
  public Planned kyberAccessArrival() {
    Scene scene = newcomer();
    return kyber(
        scene, "visitor.checked_in", EventType.SIGNED_IN, "visitor:" + scene.value("visit"));
  }

  /** A departure that travels under the delivery header of the arrival before it. */
  public List<Planned> kyberAccessReusedHeader() {
    Scene scene = newcomer();
    String visitor = "visitor:" + scene.value("visit");
    Planned arrival = kyber(scene, "visitor.checked_in", EventType.SIGNED_IN, visitor);
    Planned departure = kyber(scene, "visitor.checked_out", EventType.SIGNED_OUT, visitor);
    return List.of(arrival, underDelivery(departure, arrival.message().deliveryId()));
  }

  /** The same signed bytes under another delivery header, which the signature does not cover. */
  public Planned replayed(Planned kyber) {
    return underDelivery(kyber, Scene.deliveryId(random));
  }

  private static Planned underDelivery(Planned kyber, String deliveryId) {
    return new Planned(
        kyber.message().redelivered(deliveryId),
        kyber.facts().stream().map(fact -> fact.hinted(deliveryId)).toList(),
        kyber.readable());
  }

  private Planned kyber(Scene scene, String sample, EventType type, String object) {
    Instant at = tick();
    Scene again = scene.sameFactAgain(random).at(at);
    Message message = message(Vendor.KYBERACCESS, sample, again);
    return Planned.of(
        message,
        Fact.of(type, Vendor.KYBERACCESS, object, at)
            .deliveredAs(sample + "|" + again.value("event") + "|" + again.value("now"))
            .hinted(message.deliveryId()));
  }

  /** An event whose name was not in the contract when this was written. */
  public Planned kyberAccessUnheardOf() {
    Scene scene = newcomer().at(tick());
    ObjectNode tree = Samples.tree(Vendor.KYBERACCESS, "visitor.updated", scene);
    tree.put("event", "visitor.teleported");
    Message message =
        Message.of(Vendor.KYBERACCESS, "visitor.teleported", Scene.deliveryId(random), tree);
    return Planned.of(
        message,
        Fact.of(EventType.OTHER, Vendor.KYBERACCESS, "visitor:" + scene.value("visit"), time)
            .deliveredAs("visitor.teleported|" + scene.value("event"))
            .hinted(message.deliveryId()));
  }

  // ---- Curacel

  private List<Planned> curacel(Scene start) {
    return List.of(
        curacel(start, "checkin.failed", EventType.CHECK_IN_FAILED),
        curacel(start, "checkin.succeeded", EventType.CHECK_IN_SUCCEEDED));
  }

  private Planned curacel(Scene scene, String sample, EventType type) {
    Instant at = tick();
    Scene again = scene.sameFactAgain(random).at(at);
    return Planned.of(
        message(Vendor.CURACEL, sample, again),
        Fact.of(type, Vendor.CURACEL, "enrollee:" + again.value("person"), at)
            .deliveredAs(again.value("uuid").toString()));
  }

  /** A claim: it holds diagnoses, and is acknowledged without being stored anywhere. */
  public Planned curacelClaim() {
    return Planned.of(message(Vendor.CURACEL, "claim.vetted", newcomer().at(tick())));
  }

  // ---- Standard Webhooks

  private List<Planned> standardWebhooks(Scene start) {
    return List.of(
        standard(start.at(tick()), "visitor.arrived"), standard(start.at(tick()), "visitor.left"));
  }

  private Planned standard(Scene scene, String sample) {
    Message message = message(Vendor.STANDARD_WEBHOOKS, sample, scene);
    return Planned.of(
        message,
        Fact.of(EventType.OTHER, Vendor.STANDARD_WEBHOOKS, message.deliveryId(), time)
            .deliveredAs(message.deliveryId()));
  }

  // ---- common

  private Message message(Vendor vendor, String sample, Scene scene) {
    return Message.of(
        vendor, sample, Scene.deliveryId(random), Samples.tree(vendor, sample, scene));
  }

  private Scene newcomer() {
    lastId++;
    return Scene.fresh(random, time)
        .with("visit", lastId)
        .with("invite", lastId + 500_000)
        .with("person", lastId + 700_000);
  }

  /** The next second at which something happens: a while later, and never the same twice. */
  private Instant tick() {
    time = time.plusSeconds(1 + random.nextInt(20));
    return time;
  }
}
