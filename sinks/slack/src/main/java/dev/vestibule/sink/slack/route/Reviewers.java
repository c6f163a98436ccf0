package dev.vestibule.sink.slack.route;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;

/**
 * Who may answer reviews of a place, and how.
 *
 * @param users Slack's ids of people
 * @param groups Slack's ids of user groups
 * @param approves whether yes is an answer; no always is
 * @param fourEyes whether the visitor's host may not answer
 * @param within how long an answer counts; what is not answered by then is denied
 */
public record Reviewers(
    Set<String> users, Set<String> groups, boolean approves, boolean fourEyes, Duration within) {
  public Reviewers {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
  }

  /**
   * Whether a person is among them.
   *
   * @param groupsOfUser the user groups that the person is in
   */
  public boolean include(String user, Collection<String> groupsOfUser) {
    return users.contains(user) || !Collections.disjoint(groups, groupsOfUser);
  }
}
