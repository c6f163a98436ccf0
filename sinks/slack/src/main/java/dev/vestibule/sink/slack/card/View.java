package dev.vestibule.sink.slack.card;

/** What one message shows. Equal views make equal messages. */
public sealed interface View permits VisitView, Digest, AlertView {

  /**
   * As a message in a channel.
   *
   * @param key what finds the message again; no id of the vendor
   * @param sequence of what is shown
   */
  Message message(String key, long sequence);
}
