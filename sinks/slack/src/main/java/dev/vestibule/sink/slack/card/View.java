package dev.vestibule.sink.slack.card;

/** What a message shows. Equal views make equal messages. */
public sealed interface View permits VisitView, Digest {

  /**
   * The message.
   *
   * @param key what finds it again in Slack; no id of the vendor
   * @param sequence of what is shown
   */
  Message message(String key, long sequence);
}
