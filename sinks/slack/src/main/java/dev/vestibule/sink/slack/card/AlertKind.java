package dev.vestibule.sink.slack.card;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Alerts that have words of their own. Others are shown by their name. */
public enum AlertKind {
  UNSCREENED_ENTRY("Visitor came in unscreened", "Somebody signed in and nothing was decided."),
  DESTINATION_BLOCKED(
      "Destination refuses everybody", "Look at its credentials and certificate; events wait."),
  DESTINATION_FAILING(
      "Destination has failed for long", "Is it up and reachable? Events wait for it."),
  DESTINATION_BACK("Destination takes events again", "What was told of it is over."),
  ACCESS_UNKNOWN_SITE("Site that no rule names", "No door opens there until a rule names it."),
  ACCESS_NO_WINDOW("Visit without a time", "No door opens for it."),
  ACCESS_HELD("Visitor waits for an approval", "No door opens until somebody answers."),
  ACCESS_EXPIRED("Doors were not told in time", "No door opens for this visit."),
  ACCESS_REJECTED("Doors refused a grant", "No door opens for this visit; see the dead letters."),
  ACCESS_REVOKE_OVERDUE(
      "Access is still open", "It was taken away and the doors have not taken that. Look now."),
  ACCESS_STRAY("Door was open that nobody wants open", "It is being closed. Look how it came."),
  ACCESS_WIDER("Access was wider than wanted", "It is being closed. Look how it came."),
  ACCESS_MISSING("Access was removed at the doors", "It is not given again."),
  ACCESS_CARD_UNREADABLE("Card cannot be read", "It is not assigned."),
  ACCESS_CARD_EXPIRED("Card came too late", "It is not assigned."),
  ACCESS_CARD_REJECTED("Doors refused a card", "It is not assigned."),
  ACCESS_CARD_OF_NOBODY("Card of nobody", "It changed, and it is not said whose it is."),
  ACCESS_CARD_STRAY("Card that nobody gave", "It is known at the doors alone."),
  ACCESS_CARD_MISSING("Card is gone", "It was removed at the doors."),
  ACCESS_LOCKDOWN_WITHOUT_RULE(
      "Lockdown that no rule names", "No door was locked by us. Look now."),
  ACCESS_LOCKDOWN_NOT_LIVE("Lockdown came too late", "No door was locked by it."),
  ACCESS_LOCKDOWN_OVER_AT_SOURCE(
      "Lockdown is over at its source", "Ours goes on until a person releases it."),
  ACCESS_LOCKDOWN_RELEASED("Lockdown was released", "Doors may open again."),
  REVIEW_NOT_TOLD("Vendor may not know an answer", "Look there where the visitor stands."),
  SLACK_CHANNEL_REFUSED("Channel refuses us", "Invite the app, or name another channel."),
  SLACK_MESSAGE_REFUSED("Slack refused a message", "It was left out.");

  private final String title;
  private final String meaning;

  AlertKind(String title, String meaning) {
    this.title = title;
    this.meaning = meaning;
  }

  String title() {
    return title;
  }

  /** What follows from it, or what is to be done. */
  String meaning() {
    return meaning;
  }

  /** As alerts name it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it is about what a sink writes to, one message for each of them. */
  boolean isOutage() {
    return switch (this) {
      case DESTINATION_BLOCKED, DESTINATION_FAILING, DESTINATION_BACK -> true;
      default -> false;
    };
  }

  /** The kind that an alert names, if it is known here. */
  public static Optional<AlertKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }

  /** How alerts name all of them. */
  public static List<String> words() {
    return Arrays.stream(values()).map(AlertKind::word).toList();
  }
}
