package dev.vestibule.normalizer.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import java.time.Instant;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An event as an adapter sees it: what the vendor said, without ids, hashes and origin. Groups are
 * always there; what is absent stays null.
 */
public final class Draft {
  private final EventType type;
  private final @Nullable String vendorEventType;
  private final int index;
  private final Visit visit = new Visit();
  private final Person person = new Person();
  private final Host host = new Host();
  private final Site site = new Site();
  private final AccessCredential credential = new AccessCredential();
  private final Outcome outcome = new Outcome();
  private final SortedMap<String, String> attributes = new TreeMap<>();
  private @Nullable String screening;
  private @Nullable Instant occurredAt;
  private OccurredAtBasis basis = OccurredAtBasis.RECEIVED;
  private Keys keys = Keys.about();

  /**
   * @param index place of the event among those that a record of this kind can yield; part of its
   *     transport and delivery keys, so it must not depend on which of the others are there
   */
  public Draft(EventType type, @Nullable String vendorEventType, int index) {
    this.type = type;
    this.vendorEventType = vendorEventType;
    this.index = index;
  }

  public Draft(EventType type, @Nullable String vendorEventType) {
    this(type, vendorEventType, 0);
  }

  /** Sets the time of the fact as the vendor gives it; null leaves the time of receipt. */
  public void occurred(@Nullable Instant at) {
    occurred(at, OccurredAtBasis.VENDOR);
  }

  public void occurred(@Nullable Instant at, OccurredAtBasis from) {
    if (at != null) {
      occurredAt = at;
      basis = from;
    }
  }

  public void keys(Keys value) {
    keys = value;
  }

  public void screening(@Nullable String value) {
    screening = value;
  }

  /**
   * Adds the members of a vendor object to the attributes, by the vendor's names: scalars as text,
   * nested values as JSON. What must not travel in clear is left out at every depth.
   *
   * @param prefix put before each name, e.g. {@code host.}; empty for the vendor's main object
   * @param except names that have found their place elsewhere, or have none
   */
  public void attributes(String prefix, JsonNode object, Set<String> except) {
    if (!object.isObject()) {
      return;
    }
    object
        .properties()
        .forEach(member -> {
          if (!except.contains(member.getKey())) {
            attribute(prefix + member.getKey(), member.getValue());
          }
        });
  }

  /** Adds one attribute, unless it is empty or must not travel in clear. */
  public void attribute(String name, JsonNode value) {
    JsonNode scrubbed = Discretion.withholds(name) ? null : Discretion.scrub(value);
    if (scrubbed != null && !name.isBlank()) {
      attributes.put(name, scrubbed.isContainerNode() ? scrubbed.toString() : scrubbed.asText());
    }
  }

  public EventType type() {
    return type;
  }

  public @Nullable String vendorEventType() {
    return vendorEventType;
  }

  public int index() {
    return index;
  }

  public Visit visit() {
    return visit;
  }

  public Person person() {
    return person;
  }

  public Host host() {
    return host;
  }

  public Site site() {
    return site;
  }

  public AccessCredential credential() {
    return credential;
  }

  public Outcome outcome() {
    return outcome;
  }

  public SortedMap<String, String> attributes() {
    return attributes;
  }

  public @Nullable String screening() {
    return screening;
  }

  public @Nullable Instant occurredAt() {
    return occurredAt;
  }

  public OccurredAtBasis basis() {
    return basis;
  }

  public Keys keys() {
    return keys;
  }
}
