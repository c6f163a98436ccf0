package dev.vestibule.standalone.broker;

import java.util.List;
import java.util.stream.Collectors;

/** Topics exist with settings under which records would be refused, lost or misjudged. */
public final class TopicsUnfitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TopicsUnfitException(List<TopicDifference> differences) {
    super(differences.stream().map(TopicDifference::describe).collect(Collectors.joining("\n")));
  }
}
