package dev.vestibule.sink.slack.route;

import dev.vestibule.config.ConfigException;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is told what.
 *
 * @param routes what goes where
 * @param reviewers who may answer
 * @param digestAfter so many visits waiting for one channel are told as numbers
 */
public record Routes(List<Route> routes, List<Panel> reviewers, int digestAfter) {

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
   */
  record Panel(String source, Set<String> sites, Reviewers reviewers) {}

  /**
   * A message that an event concerns.
   *
   * @param begins whether the event may begin it
   * @param thread whether each step is told below it
   */
  public record Posting(Destination to, boolean begins, boolean thread) {}

  public Routes {
    routes = List.copyOf(routes);
    reviewers = List.copyOf(reviewers);
  }

  /** The messages that an event concerns, each place once; the host is found by e-mail. */
  public List<Posting> of(VisitorEvent event) {
    Map<Destination, Posting> postings = new LinkedHashMap<>();
    for (Route route : routes) {
      Destination to = route.carries(event) ? route.destination(event) : null;
      if (to != null) {
        postings.merge(
            to,
            new Posting(to, route.on.contains(event.getType()), route.thread),
            (a, b) -> new Posting(to, a.begins || b.begins, a.thread || b.thread));
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

  /** Who may answer a review; a rule that names the site goes before one of the whole source. */
  public Optional<Reviewers> reviewers(String source, @Nullable String site) {
    Optional<Panel> named =
        reviewers.stream()
            .filter(panel -> panel.source.equals(source))
            .filter(panel -> site != null && panel.sites.contains(site))
            .findFirst();
    return named
        .or(() ->
            reviewers.stream()
                .filter(panel -> panel.source.equals(source) && panel.sites.isEmpty())
                .findFirst())
        .map(Panel::reviewers);
  }

  /**
   * Checks that the sink may read what the rules name.
   *
   * @param granted to the sink by the configuration
   * @throws ConfigException where a route names more
   */
  public void check(Collection<Sensitivity> granted) {
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

  static @Nullable String email(VisitorEvent event) {
    String email = event.getHost().getEmail();
    return email == null || email.isBlank() ? null : email.strip().toLowerCase(Locale.ROOT);
  }
}
