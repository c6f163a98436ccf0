package dev.vestibule.sink.slack;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.lane.Handler;
import dev.vestibule.sink.lane.Outcome;
import dev.vestibule.sink.lane.Work;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.route.Destination;
import dev.vestibule.sink.slack.route.Reviewers;
import dev.vestibule.sink.slack.route.Routes;
import dev.vestibule.sink.slack.web.Lookup;
import dev.vestibule.sink.slack.web.SlackApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What lanes do with an event: whom it concerns is found out, and then it is taken. */
final class EventHandler implements Handler {
  private static final int MOST_HOSTS = 10_000;

  private final Routes routes;
  private final IdentityKey identity;
  private final SlackApi api;
  private final SlackHealth health;
  private final Sessions<Desk> sessions;
  private final Map<String, String> hosts = new ConcurrentHashMap<>();

  EventHandler(
      Routes routes,
      IdentityKey identity,
      SlackApi api,
      SlackHealth health,
      Sessions<Desk> sessions) {
    this.routes = routes;
    this.identity = identity;
    this.api = api;
    this.health = health;
    this.sessions = sessions;
  }

  @Override
  public Outcome handle(Work work) throws InterruptedException {
    VisitorEvent event = work.event().event();
    String id = event.getVisit().getId();
    if (id == null) {
      return new Outcome.Skip("no_visit");
    }
    List<Desk.Place> places = new ArrayList<>();
    for (Routes.Posting posting : routes.of(event)) {
      switch (posting.to()) {
        case Destination.Channel(String channel) -> places.add(place(posting, channel));
        case Destination.Direct(String email) -> {
          switch (host(email)) {
            case Lookup.Known<String>(String user) -> places.add(place(posting, user));
            case Lookup.Unknown<String> _ -> {}
            case Lookup.Failed<String>(Reply.Failed why) -> {
              return retry(why);
            }
          }
        }
      }
    }
    String host = null;
    if (event.getType() == EventType.REVIEW_REQUIRED && needsHost(event)) {
      String email = Routes.email(event);
      if (email != null && host(email) instanceof Lookup.Failed<String>(Reply.Failed why)) {
        return retry(why);
      }
      host = email == null ? null : hosts.get(email);
    }
    String visit = identity.visit(event.getAccount(), id);
    return sessions.current().take(work.event(), visit, places, host)
        ? new Outcome.Done("noted")
        : new Outcome.Skip(places.isEmpty() ? "no_route" : "nothing_new");
  }

  private boolean needsHost(VisitorEvent event) {
    return routes
        .reviewers(event.getSource(), event.getSite().getId())
        .map(Reviewers::fourEyes)
        .orElse(false);
  }

  private static Desk.Place place(Routes.Posting posting, String to) {
    return new Desk.Place(to, posting.begins(), posting.thread(), posting.sensitivities());
  }

  private static Outcome retry(Reply.Failed why) {
    return why.scope() == Reply.Scope.TOKEN
        ? new Outcome.Blocked(why.code())
        : new Outcome.Retry(why.after(), "host_unknown_yet");
  }

  private Lookup<String> host(String email) {
    String known = hosts.get(email);
    if (known != null) {
      return new Lookup.Known<>(known);
    }
    Lookup<String> found = api.userByEmail(email);
    if (found instanceof Lookup.Failed<String>(Reply.Failed why) && isHopeless(why)) {
      // The others are told all the same.
      health.refused("slack-channel-refused", "users " + why.code(), why.code(), "hosts in person");
      return new Lookup.Unknown<>();
    }
    if (found instanceof Lookup.Known<String>(String user)) {
      if (hosts.size() > MOST_HOSTS) {
        hosts.clear();
      }
      hosts.put(email, user);
    }
    return found;
  }

  private static boolean isHopeless(Reply.Failed why) {
    return why.code().equals("missing_scope")
        || why.failure() == Reply.Failure.REFUSED
        || why.failure() == Reply.Failure.MALFORMED;
  }
}
