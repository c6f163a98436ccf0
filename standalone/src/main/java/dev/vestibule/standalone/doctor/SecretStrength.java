package dev.vestibule.standalone.doctor;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether a secret could be guessed. */
final class SecretStrength {
  /** Shorter than this, guessing is a matter of patience: 128 bits at best. */
  private static final int MIN_BYTES = 16;

  /** A random hex text of 24 characters has more, a phrase that repeats itself less. */
  private static final double MIN_BITS = 48;

  /** What is left of a secret without its well-known words. */
  private static final int MIN_REST = 8;

  private static final List<String> WORDS =
      List.of(
          "password",
          "passwort",
          "passw0rd",
          "secret",
          "geheim",
          "changeme",
          "change-me",
          "change_me",
          "default",
          "example",
          "webhook",
          "vestibule",
          "envoy",
          "curacel",
          "essentry",
          "kyberaccess",
          "sign-in-app",
          "signinapp",
          "standard",
          "token",
          "bearer",
          "signing",
          "letmein",
          "welcome",
          "qwerty",
          "admin",
          "visitor",
          "abcdef",
          "123456789",
          "12345678",
          "1234567",
          "123456",
          "12345",
          "1234",
          "test",
          "demo",
          "key",
          "my",
          "the");

  private SecretStrength() {}

  /** What is weak about it, or empty. */
  static Optional<String> weakness(String secret) {
    if (secret.getBytes(StandardCharsets.UTF_8).length < MIN_BYTES) {
      return Optional.of("is shorter than " + MIN_BYTES + " bytes");
    }
    String rest = secret.toLowerCase(Locale.ROOT);
    for (String word : WORDS) {
      rest = rest.replace(word, "");
    }
    rest = rest.replaceAll("[^\\p{L}\\p{N}]", "");
    if (rest.length() < MIN_REST) {
      return Optional.of("is made of well-known words");
    }
    return bits(secret) < MIN_BITS ? Optional.of("repeats a few characters") : Optional.empty();
  }

  /** Shannon's entropy of its characters, times their number: no more than what it really has. */
  private static double bits(String secret) {
    Map<Integer, Integer> counts = new HashMap<>();
    secret.codePoints().forEach(c -> counts.merge(c, 1, Integer::sum));
    double length = secret.codePointCount(0, secret.length());
    double bits = 0;
    for (int count : counts.values()) {
      bits -= count * Math.log(count / length) / Math.log(2);
    }
    return bits;
  }
}
