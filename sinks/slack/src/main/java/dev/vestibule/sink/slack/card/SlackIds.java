package dev.vestibule.sink.slack.card;

import java.util.regex.Pattern;

/** Slack's own ids, which are safe inside markup once they have their form. */
public final class SlackIds {
  private static final Pattern USER = Pattern.compile("[UW][A-Z0-9]{1,30}");
  private static final Pattern GROUP = Pattern.compile("S[A-Z0-9]{1,30}");
  private static final Pattern CHANNEL = Pattern.compile("[CGD][A-Z0-9]{1,30}");
  private static final Pattern TS = Pattern.compile("\\d{1,12}\\.\\d{1,9}");

  private SlackIds() {}

  public static boolean isUser(String id) {
    return USER.matcher(id).matches();
  }

  public static boolean isGroup(String id) {
    return GROUP.matcher(id).matches();
  }

  /** A channel or a direct message. */
  public static boolean isChannel(String id) {
    return CHANNEL.matcher(id).matches();
  }

  /** The time of a message, which is its id within its channel. */
  public static boolean isTs(String ts) {
    return TS.matcher(ts).matches();
  }

  static String user(String id) {
    if (!isUser(id)) {
      throw new IllegalArgumentException("no id of a Slack user; expected U or W and capitals");
    }
    return id;
  }
}
