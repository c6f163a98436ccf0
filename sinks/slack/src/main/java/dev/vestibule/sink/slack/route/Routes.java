package dev.vestibule.sink.slack.route;

import dev.vestibule.config.ConfigException;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.slack.card.AlertKind;
import dev.vestibule.sink.slack.card.Phase;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is told what.
 *
 * @param routes what goes where
 * @param reviewers who may answer
 * @param alerts which alerts go where
 * @param digestAfter so many visits waiting for one channel are told as numbers
 */
public record Routes(
    List<Route> routes, List<Panel> reviewers, List<AlertRoute> alerts, int digestAfter) {
  /** The longest address of a button. */
  private static final int LONGEST_ENTRY = 2_000;

  static final int DIGEST_AFTER = 30;

  /** Events that can begin a message. */
  static final Set<EventType> SHOWN =
      Collections.unmodifiableSet(
          Arrays.stream(EventType.values())
              .filter(type -> Phase.of(type) != null && Phase.of(type) != Phase.ERASED)
              .collect(Collectors.toCollection(() -> EnumSet.noneOf(EventType.class))));

  /**
   * @param sites the source's own ids; empty for all of that source
   * @param hosts e-mail addresses in lower case; empty for everybody
   * @param on events that begin a message; others only change one that is there
   * @param sensitivities what is read for this route
   * @param channel Slack's id, or null for the host in person
   * @param thread whether each step is told below the message
   */
  record Route(
      String source,
      Set<String> sites,
      Set<String> hosts,
      Set<EventType> on,
      Set<Sensitivity> sensitivities,
      @Nullable String channel,
      boolean thread) {

    private boolean carries(VisitorEvent event) {
      return source.equals(event.getSource())
          && sensitivities.contains(event.getSensitivity())
          && (sites.isEmpty() || in(sites, event.getSite().getId()))
          && (hosts.isEmpty() || in(hosts, email(event)));
    }

    private @Nullable Destination destination(VisitorEvent event) {
      if (channel != null) {
        return new Destination.Channel(channel);
      }
      String email = email(event);
      return email == null ? null : new Destination.Direct(email);
    }

    private static boolean in(Set<String> set, @Nullable String value) {
      return value != null && set.contains(value);
    }
  }

  /**
   * Who may answer at some places.
   *
   * @param sites the source's own ids; empty for all of that source
   * @param transitions what their answers are called at the vendor, or null where it is not told
   * @param entry where the vendor shows a visit, with {@code {visit}} for its id; or null
   */
  record Panel(
      String source,
      Set<String> sites,
      Reviewers reviewers,
      @Nullable TransitionNames transitions,
      @Nullable String entry) {}

  /**
   * How a customer's flow at the vendor calls what an answer does.
   *
   * @param approve or null where yes is no answer
   */
  record TransitionNames(@Nullable String approve, String deny) {}

  /**
   * @param kinds as alerts name them; empty for all
   * @param atLeast the lowest severity
   * @param sources empty for all alerts, also those that are about no source
   */
  record AlertRoute(String channel, Set<String> kinds, AlertSeverity atLeast, Set<String> sources) {

    private boolean isAbout(Alert alert) {
      String source = alert.getSource();
      return sources.isEmpty() || (source != null && sources.contains(source));
    }

    private boolean begins(Alert alert) {
      return (kinds.isEmpty() || kinds.contains(alert.getKind()))
          && alert.getSeverity().compareTo(atLeast) >= 0;
    }

    /** Whoever is told that a destination fails is told that it does no more. */
    private boolean ends(Alert alert) {
      return alert.getKind().equals(AlertKind.DESTINATION_BACK.word())
          && (kinds.isEmpty()
              || kinds.contains(AlertKind.DESTINATION_BLOCKED.word())
              || kinds.contains(AlertKind.DESTINATION_FAILING.word()));
    }
  }

  /**
   * A message that an event or an alert concerns.
   *
   * @param begins whether it may begin the message; if not, it only changes one that is there
   * @param thread whether each step is told below it
   * @param sensitivities of the events that may change it later
   */
  public record Posting(
      Destination to, boolean begins, boolean thread, Set<Sensitivity> sensitivities) {

    private Posting and(Posting other) {
      Set<Sensitivity> both = EnumSet.copyOf(sensitivities);
      both.addAll(other.sensitivities);
      return new Posting(to, begins || other.begins, thread || other.thread, both);
    }
  }

  public Routes {
    routes = List.copyOf(routes);
    reviewers = List.copyOf(reviewers);
    alerts = List.copyOf(alerts);
  }

  /** Nobody is told anything. */
  public static Routes none() {
    return new Routes(List.of(), List.of(), List.of(), DIGEST_AFTER);
  }

  /**
   * The short form without a file: standard events of all sources and all alerts that somebody
   * should look at go to one channel, and nobody can answer.
   *
   * @param channel Slack's id
   */
  public static Routes simple(Collection<String> sources, String channel) {
    return new Routes(
        sources.stream()
            .map(source ->
                new Route(
                    source,
                    Set.of(),
                    Set.of(),
                    SHOWN,
                    EnumSet.of(Sensitivity.STANDARD),
                    channel,
                    false))
            .toList(),
        List.of(),
        List.of(new AlertRoute(channel, Set.of(), AlertSeverity.WARNING, Set.of())),
        DIGEST_AFTER);
  }

  /** The messages that an event concerns, each place once; the host is found by e-mail. */
  public List<Posting> of(VisitorEvent event) {
    Map<Destination, Posting> postings = new LinkedHashMap<>();
    for (Route route : routes) {
      Destination to = route.carries(event) ? route.destination(event) : null;
      if (to != null) {
        postings.merge(
            to,
            new Posting(to, route.on.contains(event.getType()), route.thread, route.sensitivities),
            Posting::and);
      }
    }
    return new ArrayList<>(postings.values());
  }

  /**
   * Where a review that a source asks for is told, whose place is not known: the channels that are
   * told of its reviews at all places, or where there is none, of those at some.
   */
  public List<Posting> reviews(String source) {
    List<Route> told =
        routes.stream()
            .filter(route -> route.source.equals(source) && route.channel != null)
            .filter(route -> route.hosts.isEmpty())
            .filter(route -> route.on.contains(EventType.REVIEW_REQUIRED))
            .toList();
    boolean everywhere = told.stream().anyMatch(route -> route.sites.isEmpty());
    Map<Destination, Posting> postings = new LinkedHashMap<>();
    for (Route route : told) {
      if (route.channel != null && (route.sites.isEmpty() || !everywhere)) {
        Destination to = new Destination.Channel(route.channel);
        postings.merge(to, new Posting(to, true, route.thread, route.sensitivities), Posting::and);
      }
    }
    return new ArrayList<>(postings.values());
  }

  /** The messages that an alert concerns, each channel once. */
  public List<Posting> alerts(Alert alert) {
    Map<Destination, Posting> postings = new LinkedHashMap<>();
    for (AlertRoute route : alerts) {
      boolean begins = route.begins(alert);
      if (route.isAbout(alert) && (begins || route.ends(alert))) {
        Destination to = new Destination.Channel(route.channel);
        postings.merge(
            to,
            new Posting(to, begins, false, EnumSet.noneOf(Sensitivity.class)),
            (a, b) -> a.begins ? a : b);
      }
    }
    return new ArrayList<>(postings.values());
  }

  /** What is read at all: the topics of other sensitivities are not subscribed to. */
  public Set<Sensitivity> sensitivities() {
    Set<Sensitivity> named = EnumSet.noneOf(Sensitivity.class);
    routes.forEach(route -> named.addAll(route.sensitivities));
    return named;
  }

  /**
   * Who may answer a review; a rule that names the site goes before one of the whole source.
   *
   * @param site or null where it is not known, as in a decision, which names its source alone: then
   *     only a rule of the whole source counts, since any other could be that of another place
   */
  public Optional<Reviewers> reviewers(String source, @Nullable String site) {
    return panel(source, site).map(Panel::reviewers);
  }

  /**
   * What an answer is called at the vendor, by the rule that says who may answer; empty where the
   * vendor is not told.
   */
  public Optional<String> transition(String source, @Nullable String site, boolean approved) {
    return panel(source, site)
        .map(Panel::transitions)
        .map(names -> approved ? names.approve : names.deny);
  }

  /**
   * Where a vendor shows the entry that is asked about, or null where it is not known.
   *
   * @param visitId the vendor's id, or null
   */
  public @Nullable URI entry(String source, @Nullable String site, @Nullable String visitId) {
    String template = panel(source, site).map(Panel::entry).orElse(null);
    if (template == null || visitId == null) {
      return null;
    }
    try {
      String id = URLEncoder.encode(visitId, StandardCharsets.UTF_8).replace("+", "%20");
      URI entry = new URI(template.replace("{visit}", id));
      return entry.getHost() == null || entry.toASCIIString().length() > LONGEST_ENTRY
          ? null
          : entry;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** Whether nobody is told anything. */
  public boolean isSilent() {
    return routes.isEmpty() && alerts.isEmpty();
  }

  /** Whether any answer is told to a vendor. */
  public boolean tellsVendors() {
    return reviewers.stream().anyMatch(panel -> panel.transitions != null);
  }

  private Optional<Panel> panel(String source, @Nullable String site) {
    return reviewers.stream()
        .filter(panel -> panel.source.equals(source))
        .filter(panel -> site != null && panel.sites.contains(site))
        .findFirst()
        .or(() ->
            reviewers.stream()
                .filter(panel -> panel.source.equals(source) && panel.sites.isEmpty())
                .findFirst());
  }

  /**
   * Checks that the sink may read what the rules name.
   *
   * @param granted to the sink by the configuration
   * @throws ConfigException where a route names more
   */
  public void check(Collection<Sensitivity> granted) {
    for (int i = 0; i < reviewers.size(); i++) {
      Panel panel = reviewers.get(i);
      boolean sees =
          routes.stream()
              .filter(route -> route.source.equals(panel.source) && route.channel != null)
              .filter(route -> route.on.contains(EventType.REVIEW_REQUIRED))
              .allMatch(route -> route.sensitivities.contains(Sensitivity.RESTRICTED));
      if (panel.reviewers.approves() && !sees) {
        throw new ConfigException(
            "reviewers[" + i + "].approve",
            "needs 'restricted' among the sensitivities of every route that tells reviews of '"
                + panel.source
                + "', since whoever approves must be shown watch list hits; add it, or"
                + " 'approve: false'");
      }
    }
    for (int i = 0; i < routes.size(); i++) {
      for (Sensitivity sensitivity : routes.get(i).sensitivities) {
        if (!granted.contains(sensitivity)) {
          String word = sensitivity.name().toLowerCase(Locale.ROOT);
          throw new ConfigException(
              "routes[" + i + "].sensitivities",
              "'" + word + "' is not granted to this sink; add it to the sink's sensitivities");
        }
      }
    }
  }

  /** The address of a visitor's host in lower case, or null where the event has none. */
  public static @Nullable String email(VisitorEvent event) {
    String email = event.getHost().getEmail();
    return email == null || email.isBlank() ? null : email.strip().toLowerCase(Locale.ROOT);
  }
}
