package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.ingress.decision.watchlist.Hit.Field;

/** A normal form as it is stored: one byte for the field, then the text in UTF-8. */
final class Form {
  /** Where the text begins. */
  static final int TEXT = 1;

  private static final Field[] FIELDS = Field.values();

  private Form() {}

  static byte[] of(Field field, String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    byte[] form = new byte[TEXT + utf8.length];
    form[0] = (byte) field.ordinal();
    System.arraycopy(utf8, 0, form, TEXT, utf8.length);
    return form;
  }

  static Field field(byte[] form) {
    return FIELDS[form[0]];
  }

  static boolean isName(byte[] form) {
    return field(form) == Field.NAME;
  }
}
