package dev.vestibule.benchmarks.forge;

import dev.vestibule.ingress.signature.HmacVerifier;
import dev.vestibule.ingress.signature.SignatureLayout;
import dev.vestibule.ingress.signature.SignatureScheme;
import dev.vestibule.ingress.signature.SignatureScheme.Encoding;
import dev.vestibule.ingress.signature.SignedText;
import dev.vestibule.ingress.signature.UnverifiedRequest;
import dev.vestibule.ingress.signature.Verification.Accepted;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Asks whether the time of a refusal tells how much of a signature was right: Welch's t-test over
 * signatures that are wrong in their first and in their last character, in random order. The same
 * is asked of a comparison that stops at the first difference, which shows what the test can see.
 */
public final class ComparisonTiming {
  /** From here on a difference counts as found; chance alone gets there once in 100,000 runs. */
  public static final double SUSPICIOUS_T = 4.5;

  /** So far above the threshold is a true difference in four of five runs. */
  private static final double POWER_80 = 0.84;

  /** The slowest part of the samples is interruptions. */
  private static final double KEPT = 0.9;

  private static final byte[] BODY =
      "{\"event\":\"visitor.checked_in\"}".getBytes(StandardCharsets.UTF_8);
  private static final String HEADER = "X-Signature";

  private ComparisonTiming() {}

  /**
   * @param t Welch's statistic; beyond {@link #SUSPICIOUS_T} either way the classes differ
   * @param samples that were kept, of both classes
   * @param differenceNanos mean of the last-wrong class less that of the first-wrong one
   * @param detectableNanos smallest true difference that is found in four of five runs
   */
  public record Result(double t, int samples, double differenceNanos, double detectableNanos) {}

  /** Times the verifier of the ingress. */
  public static Result ofVerifier(int samples, long seed) {
    SecretKey key = HmacVerifier.key("timing-secret".getBytes(StandardCharsets.UTF_8));
    HmacVerifier verifier =
        new HmacVerifier(
            new SignatureScheme(
                HEADER,
                new SignatureLayout.Single(""),
                Encoding.HEX,
                SignedText.of("{body}"),
                null,
                null),
            List.of(key));
    return measure(
        key,
        signature ->
            verifier.verify(
                    new UnverifiedRequest(
                        name -> name.equals(HEADER) ? List.of(signature) : List.of(), null, BODY),
                    Instant.EPOCH)
                instanceof Accepted,
        samples,
        seed);
  }

  /** Times the same work with a comparison that stops at the first difference. */
  public static Result ofNaive(int samples, long seed) {
    SecretKey key = HmacVerifier.key("timing-secret".getBytes(StandardCharsets.UTF_8));
    return measure(key, signature -> naive(signature, hmac(key)), samples, seed);
  }

  private static boolean naive(String signature, String expected) {
    for (int i = 0; i < expected.length(); i++) {
      if (signature.charAt(i) != expected.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static Result measure(SecretKey key, Predicate<String> accepts, int samples, long seed) {
    String right = hmac(key);
    String firstWrong = other(right.charAt(0)) + right.substring(1);
    String lastWrong = right.substring(0, right.length() - 1) + other(right.charAt(63));
    SplittableRandom random = new SplittableRandom(seed);
    int warmUp = Math.max(20_000, samples / 10);
    long[] nanos = new long[samples];
    boolean[] last = new boolean[samples];
    for (int i = -warmUp; i < samples; i++) {
      boolean isLast = random.nextBoolean();
      // A text of its own for each request, as from a connection: no class has warmer memory.
      String signature = new String((isLast ? lastWrong : firstWrong).toCharArray());
      long begin = System.nanoTime();
      boolean accepted = accepts.test(signature);
      long end = System.nanoTime();
      if (accepted) {
        throw new IllegalStateException("a wrong signature was accepted");
      }
      if (i >= 0) {
        nanos[i] = end - begin;
        last[i] = isLast;
      }
    }
    return welch(nanos, last);
  }

  private static Result welch(long[] nanos, boolean[] last) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    long slowest = sorted[(int) (sorted.length * KEPT) - 1];
    Moments[] moments = {new Moments(), new Moments()};
    for (int i = 0; i < nanos.length; i++) {
      if (nanos[i] <= slowest) {
        moments[last[i] ? 1 : 0].add((double) nanos[i]);
      }
    }
    double error = Math.sqrt(moments[0].varianceOfMean() + moments[1].varianceOfMean());
    double difference = moments[1].mean - moments[0].mean;
    return new Result(
        difference / error,
        moments[0].count + moments[1].count,
        difference,
        (SUSPICIOUS_T + POWER_80) * error);
  }

  /** Mean and variance of one class, by Welford's method. */
  private static final class Moments {
    private int count;
    private double mean;
    private double squares;

    private void add(double value) {
      count++;
      double delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
    }

    private double varianceOfMean() {
      return squares / (count - 1) / count;
    }
  }

  private static char other(char digit) {
    return digit == '0' ? '1' : '0';
  }

  private static String hmac(SecretKey key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return HexFormat.of().formatHex(mac.doFinal(BODY));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available", e);
    }
  }
}
