package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.ingress.decision.watchlist.Hit.Field;

/** A normal form as it is stored: the field's first letter, then the text in UTF-8. */
final class Form {
  /** Where the text begins. */
  static final int TEXT = 1;

  private Form() {}

  static byte[] of(Field field, String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    byte[] form = new byte[TEXT + utf8.length];
    form[0] = (byte) field.name().charAt(0);
    System.arraycopy(utf8, 0, form, TEXT, utf8.length);
    return form;
  }

  static Field field(byte[] form) {
    return switch (form[0]) {
      case 'N' -> Field.NAME;
      case 'E' -> Field.EMAIL;
      case 'P' -> Field.PHONE;
      default -> Field.COMPANY;
    };
  }

  static boolean isName(byte[] form) {
    return field(form) == Field.NAME;
  }
}
