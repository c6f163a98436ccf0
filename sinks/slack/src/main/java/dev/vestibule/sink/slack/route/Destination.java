package dev.vestibule.sink.slack.route;

/** Where a message goes. */
public sealed interface Destination {
  /**
   * @param id Slack's id; names of channels change
   */
  record Channel(String id) implements Destination {}

  /**
   * The host, in person.
   *
   * @param email in lower case
   */
  record Direct(String email) implements Destination {
    @Override
    public String toString() {
      return "Direct";
    }
  }
}
