package dev.vestibule.sink.access;

/** What became of a fact, and by which rule. */
public enum Ruling {
  OPENS("opens: new, fresh, in its window, newer than all before"),
  HOLDS_UNAPPROVED("held: the source screens, and nobody has approved"),
  HOLDS_DOUBTED("held: a doubt stands that nobody has cleared"),
  CLOSES("closes: takes access away"),
  NOTED("noted: changes nothing by itself"),
  KNOWN("known before"),
  NO_VERDICT("refused: without a verdict nothing opens"),
  CONFLICT("refused: the delivery contradicts an earlier one"),
  UNVERIFIED("refused: may be a copy of an older one"),
  LATE("refused: would undo what has ended"),
  NOT_LIVE("refused: replayed, backfilled or of unknown path"),
  STALE("refused: too old to open a door"),
  OLDER("refused: a newer fact was taken before"),
  REVOKED("refused: not newer than the last revoke"),
  UNKNOWN_SITE("refused: no rule names the site"),
  ELSEWHERE("another target's site"),
  NO_RULE("no rule opens anything for this event"),
  NO_WINDOW("refused: no window with begin and end"),
  WINDOW_OVER("refused: the window is over"),
  ASSIGNS("assigns a card: new, fresh, newer than all before about it"),
  RETURNS("takes a card back"),
  CARD_UNREADABLE("refused: the card has no number that can be opened here"),
  TOO_MANY_CARDS("refused: the visit has too many cards"),
  NOTHING_TO_CHANGE("refused: a change opens nothing that is not open");

  private final String text;

  Ruling(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
