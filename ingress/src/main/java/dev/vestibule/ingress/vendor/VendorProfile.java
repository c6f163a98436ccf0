package dev.vestibule.ingress.vendor;

import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.signature.SignatureLayout;
import dev.vestibule.ingress.signature.SignatureScheme;
import dev.vestibule.ingress.signature.SignatureScheme.Encoding;
import dev.vestibule.ingress.signature.SignatureScheme.Timestamp;
import dev.vestibule.ingress.signature.SignedText;
import dev.vestibule.ingress.signature.StandardWebhooks;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One vendor, as far as the ingress is concerned. A new vendor is a new entry of {@link #of}.
 *
 * @param signature the vendor's own scheme, or null where none is published
 * @param secretFormat how a configured secret becomes a key
 * @param signsInflatedBody whether a compressed body is signed as it was before compression
 * @param facts body paths that the functions below read
 * @param orderingKeyVersion raised when {@code orderingKey} changes, since a change moves visits to
 *     other partitions
 * @param orderingKey the object whose records stay in order, or null where the body does not say
 * @param deliveryId the vendor's id of the delivery, or null
 * @param eventHeader unsigned header that repeats the body's {@code event}, or null
 * @param storedEvents values of the body's {@code event} that are stored; empty for all. Others are
 *     acknowledged and counted
 * @param redaction credentials that are never stored
 * @param givesUpEarly whether the vendor stops trying within the hour, so that requests are spooled
 *     unless the source says otherwise
 */
public record VendorProfile(
    @Nullable SignatureScheme signature,
    SecretFormat secretFormat,
    boolean signsInflatedBody,
    BodyFacts.Paths facts,
    int orderingKeyVersion,
    Function<Delivery, @Nullable String> orderingKey,
    Function<Delivery, @Nullable String> deliveryId,
    @Nullable String eventHeader,
    Set<String> storedEvents,
    Redaction redaction,
    boolean givesUpEarly) {

  /** How a configured secret becomes a key. */
  public enum SecretFormat {
    /** The UTF-8 bytes of the text. */
    TEXT,
    /** {@code whsec_} and the bytes in Base64, as in the Standard Webhooks specification. */
    WHSEC
  }

  /** Body path of the event name. */
  public static final String EVENT = "event";

  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

  /** KyberAccess retries for 14 h 36 min and may keep the first attempt's time (inferred). */
  private static final Duration KYBERACCESS_RETRIES = Duration.ofHours(15);

  /** The entry of a vendor. */
  public static VendorProfile of(Vendor vendor) {
    return switch (vendor) {
      case ENVOY ->
          // Documented: Base64 over the body alone; no time is signed.
          new VendorProfile(
              new SignatureScheme(
                  "X-Envoy-Signature",
                  new SignatureLayout.Single(""),
                  Encoding.BASE64,
                  SignedText.of("{body}"),
                  null,
                  null),
              SecretFormat.TEXT,
              true,
              BodyFacts.Paths.of("payload.id", "payload.type", "meta.job.id"),
              1,
              delivery -> delivery.first("payload.id"),
              delivery -> delivery.first("meta.job.id"),
              null,
              Set.of(),
              new Redaction(
                  Set.of("meta.auth", "meta.config"),
                  Set.of(
                      "forwardedbearertoken",
                      "secrettoken",
                      "edittoken",
                      "accesstoken",
                      "refreshtoken")),
              // Documented: five retries within ten minutes.
              true);
      case SIGN_IN_APP ->
          // Documented: time and signature share a header; several signatures are accepted.
          new VendorProfile(
              new SignatureScheme(
                  "x-signinapp-webhook-signature",
                  new SignatureLayout.Parts("t", "s1"),
                  Encoding.HEX,
                  SignedText.of("{timestamp}.{body}"),
                  new Timestamp(null, 1, 12, FIVE_MINUTES, FIVE_MINUTES),
                  null),
              SecretFormat.TEXT,
              false,
              BodyFacts.Paths.of("site.id", "visitor.id", "idempotency_key"),
              1,
              VendorProfile::siteAndVisitor,
              delivery -> delivery.first("idempotency_key"),
              null,
              Set.of(),
              Redaction.NONE,
              // Documented: at most three retries.
              true);
      case ESSENTRY ->
          // Nothing published about authentication: the configuration has to say.
          new VendorProfile(
              null,
              SecretFormat.TEXT,
              false,
              BodyFacts.Paths.of("checkIn.id", "accessCredential.id"),
              1,
              delivery -> delivery.first("checkIn.id", "accessCredential.id"),
              delivery -> null,
              null,
              Set.of(),
              Redaction.NONE,
              false);
      case KYBERACCESS ->
          // Documented: the time is a header of its own, ten digits.
          new VendorProfile(
              new SignatureScheme(
                  "X-KyberAccess-Signature",
                  new SignatureLayout.Single("sha256="),
                  Encoding.HEX,
                  SignedText.of("{timestamp}.{body}"),
                  new Timestamp(
                      "X-KyberAccess-Timestamp", 10, 10, KYBERACCESS_RETRIES, FIVE_MINUTES),
                  null),
              SecretFormat.TEXT,
              false,
              BodyFacts.Paths.of(
                  EVENT,
                  "data.visitor.id",
                  "data.visitor_id",
                  "data.id",
                  "data.location.id",
                  "data.location_id"),
              1,
              VendorProfile::visitorOrPlace,
              delivery -> delivery.header("X-KyberAccess-Delivery"),
              "X-KyberAccess-Event",
              Set.of(),
              Redaction.NONE,
              false);
      case CURACEL ->
          // Documented for sibling products only: bare hex over the body.
          new VendorProfile(
              new SignatureScheme(
                  "x-curacel-signature",
                  new SignatureLayout.Single(""),
                  Encoding.HEX,
                  SignedText.of("{body}"),
                  null,
                  null),
              SecretFormat.TEXT,
              false,
              BodyFacts.Paths.of(EVENT, "data.hmo_id", "data.enrollee_id", "data.event_id"),
              1,
              VendorProfile::enrollee,
              delivery -> delivery.first("data.event_id"),
              null,
              Set.of("checkin.outcome"),
              Redaction.NONE,
              false);
      case STANDARD_WEBHOOKS ->
          new VendorProfile(
              StandardWebhooks.SCHEME,
              SecretFormat.WHSEC,
              false,
              BodyFacts.Paths.of(),
              1,
              delivery -> delivery.header(StandardWebhooks.ID),
              delivery -> delivery.header(StandardWebhooks.ID),
              null,
              Set.of(),
              Redaction.NONE,
              false);
    };
  }

  /** Whether an event is stored; a body without a readable event name always is. */
  public boolean stores(BodyFacts body) {
    String event = body.text(EVENT);
    return storedEvents.isEmpty() || event == null || storedEvents.contains(event);
  }

  private static @Nullable String siteAndVisitor(Delivery delivery) {
    String site = delivery.first("site.id");
    String visitor = delivery.first("visitor.id");
    return site == null || visitor == null ? null : site + ":" + visitor;
  }

  private static @Nullable String visitorOrPlace(Delivery delivery) {
    if (!delivery.facts().readable()) {
      return null;
    }
    String visitor = delivery.first("data.visitor.id", "data.visitor_id");
    if (visitor != null) {
      return visitor;
    }
    String id = delivery.first("data.id");
    if (id != null && id.startsWith("vis_")) {
      return id;
    }
    String location = delivery.first("data.location.id", "data.location_id");
    return location != null ? location : delivery.account();
  }

  private static @Nullable String enrollee(Delivery delivery) {
    String hmo = delivery.first("data.hmo_id");
    String enrollee = delivery.first("data.enrollee_id");
    return hmo == null || enrollee == null
        ? null
        : delivery.identity().enrollee(delivery.account(), hmo, enrollee);
  }
}
