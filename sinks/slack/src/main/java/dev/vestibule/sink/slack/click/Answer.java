package dev.vestibule.sink.slack.click;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What somebody clicked. Every field has the form that Slack gives it; none is believed.
 *
 * @param approve yes or no
 * @param token what the button carried
 * @param user who
 * @param userTeam the workspace of that person, or null where Slack does not say
 * @param team the workspace where it was clicked
 * @param app whose message it is
 * @param channel where
 * @param messageTs the message
 * @param actionTs when, and with who and what the id of the click
 * @param responseUrl where to answer the person alone, or null
 */
public record Answer(
    boolean approve,
    String token,
    String user,
    @Nullable String userTeam,
    String team,
    String app,
    String channel,
    String messageTs,
    String actionTs,
    @Nullable URI responseUrl) {

  /** Two clicks of one key are one: people click twice, and Slack sends twice. */
  public String key() {
    return actionTs + " " + user + " " + (approve ? "approve" : "deny");
  }

  /** The token and the address let others answer, so they do not print. */
  @Override
  public String toString() {
    return "Answer[" + (approve ? "approve" : "deny") + " by " + user + " at " + actionTs + "]";
  }
}
