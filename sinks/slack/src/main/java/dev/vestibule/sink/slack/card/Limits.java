package dev.vestibule.sink.slack.card;

/**
 * What Slack takes. See <a href="https://docs.slack.dev/reference/block-kit/blocks">the reference
 * of blocks</a>; the size of all blocks together is not in it.
 */
final class Limits {
  static final int BLOCKS = 50;
  static final int HEADER = 150;
  static final int SECTION = 3000;
  static final int FIELDS = 10;
  static final int FIELD = 2000;
  static final int ID = 255;
  static final int ACTIONS = 25;
  static final int CONTEXT = 10;
  static final int BUTTON = 75;
  static final int VALUE = 2000;
  static final int URL = 3000;
  static final int CONFIRM_TITLE = 100;
  static final int CONFIRM_TEXT = 300;
  static final int CONFIRM_BUTTON = 30;

  /** Slack cuts beyond 40,000 and recommends this. */
  static final int TEXT = 4000;

  /** Messages were refused at about 13,000 characters of blocks. */
  static final int ALL_BLOCKS = 12_000;

  private Limits() {}
}
