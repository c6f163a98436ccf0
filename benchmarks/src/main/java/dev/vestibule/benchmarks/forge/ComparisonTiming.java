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
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Asks whether the time of a refusal tells how much of a signature was right: a t-test over
 * signatures that are wrong in their first and in their last character, in random order. The same
 * is asked of a comparison that stops at the first difference, which shows what the test can see.
 */
public final class ComparisonTiming {
  /** From here on a difference counts as found; chance alone gets there once in 100,000 runs. */
  public static final double SUSPICIOUS_T = 4.5;

  /** So far above the threshold is a true difference in four of five runs. */
  private static final double POWER_80 = 0.84;

  /** The slowest samples are interruptions. */
  private static final double KEPT = 0.9;

  private static final byte[] BODY =
      "{\"event\":\"visitor.checked_in\"}".getBytes(StandardCharsets.UTF_8);
  private static final String HEADER = "X-Signature";

  private ComparisonTiming() {}

  /**
   * @param t the statistic; beyond {@link #SUSPICIOUS_T} either way the classes differ
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
    return compare(nanos, last);
  }

  /**
   * Yuen's form of Welch's test, which is made for times: the slowest tenth of either class is left
   * out, and the error is that of a mean without it.
   *
   * @param last to which class each time belongs; both need two at least
   */
  static Result compare(long[] nanos, boolean[] last) {
    Trimmed first = Trimmed.of(nanos, last, false);
    Trimmed second = Trimmed.of(nanos, last, true);
    double error = Math.sqrt(first.varianceOfMean() + second.varianceOfMean());
    double difference = second.mean() - first.mean();
    return new Result(
        difference / error,
        first.kept() + second.kept(),
        difference,
        (SUSPICIOUS_T + POWER_80) * error);
  }

  /** One class without its slowest part. */
  private record Trimmed(int kept, double mean, double varianceOfMean) {

    static Trimmed of(long[] nanos, boolean[] last, boolean which) {
      long[] sorted =
          IntStream.range(0, nanos.length)
              .filter(i -> last[i] == which)
              .mapToLong(i -> nanos[i])
              .sorted()
              .toArray();
      int kept = (int) (sorted.length * KEPT);
      double mean = Arrays.stream(sorted, 0, kept).average().orElseThrow();
      // What is left out still counts towards the spread, as if it had taken as long as the last
      // one kept.
      Arrays.fill(sorted, kept, sorted.length, sorted[kept - 1]);
      double centre = Arrays.stream(sorted).average().orElseThrow();
      double squares = Arrays.stream(sorted).mapToDouble(x -> (x - centre) * (x - centre)).sum();
      return new Trimmed(kept, mean, squares / kept / (kept - 1.0));
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
