package dev.vestibule.fake.slack;

/** An answer with {@code ok: false}. */
final class SlackError extends Exception {
  private static final long serialVersionUID = 1L;
  private final String code;

  SlackError(String code) {
    this(code, "");
  }

  /**
   * @param detail what is wrong, for who reads the answer; never what was sent
   */
  SlackError(String code, String detail) {
    super(detail, null, false, false);
    this.code = code;
  }

  String code() {
    return code;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
