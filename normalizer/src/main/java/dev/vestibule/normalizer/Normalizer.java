package dev.vestibule.normalizer;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.DeliveryPath;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Normalization.Reason;
import dev.vestibule.normalizer.adapter.Normalization.Unprocessable;
import dev.vestibule.normalizer.adapter.Times;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pure core: a raw record in, its outcome out, always the same for the same record. Never
 * throws for anything that a record may hold.
 */
final class Normalizer {
  private static final Logger log = LoggerFactory.getLogger(Normalizer.class);

  private final AdapterRegistry adapters;
  private final Sources sources;
  private final EventFactory events;

  /**
   * @param credentialKey seals credentials, or null when none are to be passed on
   * @param sources settings by source name
   * @param scheme versions of the keys that events carry
   */
  Normalizer(
      IdentityKey identity,
      @Nullable IdentityKey credentialKey,
      Map<String, SourceConfig> sources,
      KeyScheme scheme) {
    this.adapters = new AdapterRegistry(identity, credentialKey);
    this.sources = new Sources(sources);
    this.events = new EventFactory(identity, scheme);
  }

  Normalization<Normalized> normalize(RawRecord raw) {
    try {
      return attempt(raw);
    } catch (RuntimeException | StackOverflowError e) {
      // Without message and trace: both may quote the body. The record itself is kept.
      log.atError()
          .addKeyValue("topic", raw.origin().getTopic())
          .addKeyValue("partition", raw.origin().getPartition())
          .addKeyValue("offset", raw.origin().getOffset())
          .addKeyValue("error", e.getClass().getName())
          .addKeyValue("at", e.getStackTrace().length == 0 ? "?" : e.getStackTrace()[0].toString())
          .log("adapter failed, record goes to the dead letters");
      return new Unprocessable<>(Reason.INTERNAL_ERROR, null, null);
    }
  }

  private Normalization<Normalized> attempt(RawRecord raw) {
    Map<String, String> headers = raw.headers();
    Vendor vendor = vendor(raw).orElse(null);
    String source = headers.get(Headers.SOURCE);
    String account = headers.get(Headers.ACCOUNT);
    String requestId = headers.get(Headers.REQUEST_ID);
    Instant receivedAt = Times.parse(headers.get(Headers.RECEIVED_AT));
    DeliveryPath path = DeliveryPath.byId(headers.getOrDefault(Headers.PATH, "")).orElse(null);
    if (vendor == null || !vendor.id().equals(headers.get(Headers.VENDOR))) {
      return malformed(Headers.VENDOR, "the vendor of the topic");
    }
    if (raw.key() == null) {
      return new Unprocessable<>(Reason.MALFORMED_HEADERS, "key", "an ordering key");
    }
    if (source == null || source.isBlank()) {
      return malformed(Headers.SOURCE, "text");
    }
    if (account == null || account.isBlank()) {
      return malformed(Headers.ACCOUNT, "text");
    }
    if (requestId == null || !isUuid(requestId)) {
      return malformed(Headers.REQUEST_ID, "a UUID");
    }
    if (receivedAt == null) {
      return malformed(Headers.RECEIVED_AT, "an ISO 8601 instant");
    }
    if (path == null) {
      return malformed(Headers.PATH, "webhook, hook, websocket, backfill or replay");
    }
    if (Boolean.parseBoolean(headers.get(Headers.SEALED))) {
      return new Unprocessable<>(
          Reason.UNREADABLE_BODY, null, "a body that can be scanned; the stored bytes are sealed");
    }
    Delivery delivery =
        new Delivery(
            sources.of(source, vendor, account),
            source,
            account,
            requestId,
            textOrNull(headers.get(Headers.DELIVERY_ID)),
            receivedAt,
            Times.parse(headers.get(Headers.SIGNED_AT)),
            path,
            raw.value());
    Normalization<Draft> drafts = adapters.of(vendor).adapt(delivery);
    return drafts.map(draft -> events.event(raw, vendor, delivery, draft));
  }

  /** The topic decides, since its access rules do; the header must agree. */
  static Optional<Vendor> vendor(RawRecord raw) {
    String topic = raw.origin().getTopic();
    int prefix = topic.lastIndexOf(Topics.RAW_PREFIX);
    return prefix < 0
        ? Optional.empty()
        : Vendor.byId(topic.substring(prefix + Topics.RAW_PREFIX.length()));
  }

  private static boolean isUuid(String text) {
    try {
      return UUID.fromString(text).toString().equalsIgnoreCase(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static @Nullable String textOrNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text;
  }

  private static Normalization<Normalized> malformed(String header, String expected) {
    return new Unprocessable<>(Reason.MALFORMED_HEADERS, "header " + header, expected);
  }
}
