package dev.vestibule.sink.slack.web;

import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import java.net.URI;
import java.util.Set;

/**
 * What the sink asks of Slack. Every method makes its calls at once, waits for the answers at most
 * some seconds each, and throws nothing for what Slack or the way there does. Safe for several
 * threads.
 */
public interface SlackApi extends AutoCloseable {

  /**
   * Carries a move out.
   *
   * <p>A failure {@link Reply.Failure#AMBIGUOUS} is only said of a post and of a reply: whatever
   * else there is does no harm when it is done twice.
   *
   * @param channel where a post goes or went: the id of a channel, or of a person for the direct
   *     message. All other moves know their channel
   * @throws IllegalArgumentException for {@link Move.Rest}, which is no call
   */
  Reply carryOut(Move move, String channel);

  /** The id of the person with an address, unless the account is deleted, a bot's or foreign. */
  Lookup<String> userByEmail(String email);

  /**
   * What Slack says about a person; without groups, which {@link #members} knows. Deleted accounts
   * and bots count as guests.
   */
  Lookup<Question.Clicker> clicker(String user);

  /** Ids of the people in a user group. */
  Lookup<Set<String>> members(String userGroup);

  /** The id of the workspace. */
  Lookup<String> team();

  /**
   * Tells somebody who clicked, and nobody else. Best effort: nothing says whether it arrived.
   *
   * @param responseUrl as Slack gave it; not asked unless it is at {@code https://hooks.slack.com}.
   *     Where the API is on this machine, its host is asked instead, so that no test or demo
   *     reaches Slack
   * @param text shown as it is: no markup
   */
  void tell(URI responseUrl, String text);

  /** Ends the connections. */
  @Override
  void close();
}
