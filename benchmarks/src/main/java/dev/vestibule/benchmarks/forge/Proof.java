package dev.vestibule.benchmarks.forge;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What makes a request genuine, read from the vendors' documents and from what was really sent. It
 * computes no signature: a signature is good for exactly the text for which its sender issued it.
 */
@FunctionalInterface
interface Proof {

  /** Whether the request says what its sender said, to those who read it as documented. */
  boolean holds(Forgery request);

  default Proof and(Proof other) {
    return request -> holds(request) && other.holds(request);
  }

  /** The header carries this value and nothing else. */
  static Proof header(String name, String value) {
    return request -> value.equals(request.only(name));
  }

  /** HTTP Basic: the scheme's name in any case, then the pair in Base64. */
  static Proof basic(String pair) {
    return request -> {
      String value = request.only("Authorization");
      return value != null
          && value.toLowerCase(Locale.ROOT).startsWith("basic ")
          && pair.equals(lenientBase64(value.substring("basic ".length()).strip()));
    };
  }

  /** The key is in the path. */
  static Proof pathKey(String key) {
    return request -> key.equals(request.pathKey);
  }

  /** A key in the path fits, or there is none. */
  static Proof pathKeyIfGiven(String key) {
    return request -> request.pathKey == null || key.equals(request.pathKey);
  }

  /** Nobody expects a key in the path, so none can fit. */
  static Proof noPathKey() {
    return request -> request.pathKey == null;
  }

  /** A signature that is there decides; without one the other proof does. */
  static Proof signatureIfPresent(Signature signature, Proof otherwise) {
    return request ->
        request.all(signature.header).isEmpty()
            ? otherwise.holds(request)
            : signature.holds(request);
  }

  private static @Nullable String lenientBase64(String text) {
    // Bits beyond the last byte mean nothing to a reader, so other spellings say the same.
    String digits = text.replaceAll("=+$", "");
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < digits.length(); i++) {
      int value =
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
              .indexOf(digits.charAt(i));
      if (value < 0) {
        return null;
      }
      bits.append(Integer.toBinaryString(64 + value), 1, 7);
    }
    byte[] bytes = new byte[bits.length() / 8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Where a signature header keeps its signatures. */
  enum Form {
    /** One signature after a fixed prefix. */
    SINGLE,
    /** {@code t=…,s1=…}: any number of signatures, one time. */
    PARTS,
    /** {@code v1,… v1,…}: any number of signatures. */
    VERSIONS
  }

  /** A signature that its sender issued for this time, id and body, at a time that still counts. */
  final class Signature implements Proof {
    private final String header;
    private final Form form;
    private final String prefix;
    private final @Nullable String timeHeader;
    private final @Nullable String idHeader;
    private final boolean overInflated;
    private final long now;
    private final long past;
    private final long future;
    private final Map<String, Text> issued = new HashMap<>();

    /** What a signature was made for; time and id are empty where none is signed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by parts
    private record Text(String time, String id, byte[] body) {}

    /** What a header claims. */
    private record Claim(List<String> signatures, String time) {}

    /**
     * @param prefix before the signature
     * @param overInflated whether a compressed body is signed as it was before compression
     * @param now Unix seconds
     * @param past greatest age of a signed time in seconds
     * @param future how many seconds it may lie ahead
     */
    Signature(
        String header,
        Form form,
        String prefix,
        @Nullable String timeHeader,
        @Nullable String idHeader,
        boolean overInflated,
        long now,
        long past,
        long future) {
      this.header = header;
      this.form = form;
      this.prefix = prefix;
      this.timeHeader = timeHeader;
      this.idHeader = idHeader;
      this.overInflated = overInflated;
      this.now = now;
      this.past = past;
      this.future = future;
    }

    /** Learns what a sender has really sent. */
    void issue(Forgery request) {
      Claim claim = claim(request);
      if (claim == null) {
        throw new IllegalArgumentException("what a sender sends can be read");
      }
      Text text = new Text(time(request, claim), id(request), request.body);
      claim.signatures().forEach(signature -> issued.put(signature, text));
    }

    List<String> deciding() {
      return java.util.stream.Stream.of(header, timeHeader, idHeader)
          .filter(java.util.Objects::nonNull)
          .toList();
    }

    @Override
    public boolean holds(Forgery request) {
      Claim claim = claim(request);
      if (claim == null || !fresh(time(request, claim))) {
        return false;
      }
      byte[] body = overInflated ? inflated(request) : request.body;
      for (String signature : claim.signatures()) {
        Text text = issued.get(signature);
        if (text != null
            && text.time().equals(time(request, claim))
            && text.id().equals(id(request))
            && Arrays.equals(text.body(), body)) {
          return true;
        }
      }
      return false;
    }

    private @Nullable Claim claim(Forgery request) {
      String value = request.only(header);
      if (value == null) {
        return null;
      }
      return switch (form) {
        case SINGLE ->
            value.startsWith(prefix)
                ? new Claim(List.of(value.substring(prefix.length())), "")
                : null;
        case VERSIONS ->
            new Claim(
                Arrays.stream(value.split(" "))
                    .filter(word -> word.startsWith(prefix))
                    .map(word -> word.substring(prefix.length()))
                    .toList(),
                "");
        case PARTS -> {
          List<String> times = part(value, "t");
          yield times.size() == 1 ? new Claim(part(value, prefix), times.getFirst()) : null;
        }
      };
    }

    private static List<String> part(String value, String key) {
      return Arrays.stream(value.split(","))
          .filter(part -> part.indexOf('=') >= 0)
          .filter(part -> part.substring(0, part.indexOf('=')).strip().equals(key))
          .map(part -> part.substring(part.indexOf('=') + 1).strip())
          .toList();
    }

    private String time(Forgery request, Claim claim) {
      return form == Form.PARTS ? claim.time() : absentIsEmpty(request, timeHeader);
    }

    private String id(Forgery request) {
      return absentIsEmpty(request, idHeader);
    }

    private static String absentIsEmpty(Forgery request, @Nullable String name) {
      String value = name == null ? "" : request.only(name);
      return value == null ? "" : value;
    }

    private boolean fresh(String time) {
      if (form != Form.PARTS && timeHeader == null) {
        return true;
      }
      if (!time.matches("[0-9]{1,12}")) {
        return false;
      }
      long signed = Long.parseLong(time);
      return now - past <= signed && signed <= now + future;
    }

    private static byte[] inflated(Forgery request) {
      boolean gzip =
          request.all("Content-Encoding").stream()
              .anyMatch(value -> value.strip().equalsIgnoreCase("gzip"));
      if (!gzip) {
        return request.body;
      }
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body))) {
        return in.readAllBytes();
      } catch (IOException e) {
        return new byte[] {0};
      }
    }
  }

  /** The value of HTTP Basic for a pair. */
  static String basicValue(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }
}
