package dev.vestibule.benchmarks.forge;

import dev.vestibule.benchmarks.forge.Forgery.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * What a forger does to a request. Some leave its meaning as it was, now and then; that is for a
 * {@link Proof} to say.
 */
enum Mutation {
  // --- the body
  BODY_BIT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = flipped(forgery.body, random);
    }
  },
  BODY_CASE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      byte[] body = forgery.body.clone();
      for (int tries = 0; tries < 8 && body.length > 0; tries++) {
        int at = random.nextInt(body.length);
        if (Character.isLetter(body[at])) {
          body[at] ^= 0x20;
          break;
        }
      }
      forgery.body = body;
    }
  },
  BODY_CUT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int most = random.nextBoolean() ? 2 : forgery.body.length;
      int cut = Math.min(forgery.body.length, 1 + random.nextInt(Math.max(1, most)));
      forgery.body = Arrays.copyOf(forgery.body, forgery.body.length - cut);
    }
  },
  BODY_CUT_IN_FRONT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int cut = Math.min(forgery.body.length, 1 + random.nextInt(4));
      forgery.body = Arrays.copyOfRange(forgery.body, cut, forgery.body.length);
    }
  },
  BODY_LONGER {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = joined(forgery.body, bytes(oneOf(random, TAILS)));
    }
  },
  BODY_LONGER_IN_FRONT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = joined(bytes(oneOf(random, TAILS)), forgery.body);
    }
  },
  BODY_WITHOUT_BYTE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      if (forgery.body.length > 0) {
        int at = random.nextInt(forgery.body.length);
        forgery.body =
            joined(
                Arrays.copyOf(forgery.body, at),
                Arrays.copyOfRange(forgery.body, at + 1, forgery.body.length));
      }
    }
  },
  BODY_SWAPPED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      if (forgery.body.length > 1) {
        byte[] body = forgery.body.clone();
        int at = random.nextInt(body.length - 1);
        byte first = body[at];
        body[at] = body[at + 1];
        body[at + 1] = first;
        forgery.body = body;
      }
    }
  },
  BODY_EMPTY {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = new byte[0];
    }
  },
  BODY_TWICE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = joined(forgery.body, forgery.body);
    }
  },
  /** Says the same in JSON, in other bytes. */
  BODY_REWRITTEN {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      String text = new String(forgery.body, StandardCharsets.ISO_8859_1);
      text =
          switch (random.nextInt(4)) {
            case 0 -> text.replaceFirst("\":", "\": ");
            case 1 -> text.replaceFirst("\"e", "\"\\\\u0065");
            case 2 -> text.replaceFirst("/", "\\\\/");
            default -> text.replaceFirst(",", ",\n");
          };
      forgery.body = text.getBytes(StandardCharsets.ISO_8859_1);
    }
  },
  BODY_OF_ANOTHER {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = oneOf(random, sender.genuine()).body;
    }
  },
  BODY_GZIPPED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.body = gzip(forgery.body);
      if (random.nextBoolean()) {
        forgery.set("Content-Encoding", "gzip");
      }
      if (random.nextBoolean()) {
        forgery.body = flipped(forgery.body, random);
      }
    }
  },
  BODY_CALLED_GZIP {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.set("Content-Encoding", "gzip");
    }
  },

  // --- a header that decides, or the key in the path
  VALUE_BIT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value ->
              new String(
                  flipped(value.getBytes(StandardCharsets.ISO_8859_1), random),
                  StandardCharsets.ISO_8859_1));
    }
  },
  VALUE_CASE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value ->
              switch (random.nextInt(3)) {
                case 0 -> value.toUpperCase(Locale.ROOT);
                case 1 -> value.toLowerCase(Locale.ROOT);
                default -> {
                  int at = value.isEmpty() ? 0 : random.nextInt(value.length());
                  yield value.substring(0, at) + value.substring(at).toUpperCase(Locale.ROOT);
                }
              });
    }
  },
  VALUE_CUT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> value.isEmpty() ? value : value.substring(0, random.nextInt(value.length())));
    }
  },
  VALUE_CUT_IN_FRONT {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> value.isEmpty() ? value : value.substring(1 + random.nextInt(value.length())));
    }
  },
  /** The beginning is right, and the length. */
  VALUE_END_GUESSED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> {
            int guessed = Math.min(value.length(), 1 + random.nextInt(32));
            StringBuilder text = new StringBuilder(value.substring(0, value.length() - guessed));
            for (int i = 0; i < guessed; i++) {
              char old = value.charAt(text.length());
              text.append(old == '=' ? old : HEX.charAt(random.nextInt(HEX.length())));
            }
            return text.toString();
          });
    }
  },
  /** The end is right, and the length. */
  VALUE_BEGINNING_GUESSED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> {
            int at = afterPrefix(value);
            return at == value.length()
                ? value
                : value.substring(0, at)
                    + HEX.charAt(random.nextInt(HEX.length()))
                    + value.substring(at + 1);
          });
    }
  },
  VALUE_LONGER {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value ->
              random.nextBoolean() ? value + oneOf(random, TAILS) : oneOf(random, TAILS) + value);
    }
  },
  VALUE_EMPTY {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(forgery, sender, random, value -> random.nextBoolean() ? "" : " ");
    }
  },
  VALUE_WITH_BLANKS {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> {
            int at = random.nextInt(value.length() + 1);
            return value.substring(0, at) + oneOf(random, BLANKS) + value.substring(at);
          });
    }
  },
  VALUE_QUOTED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(forgery, sender, random, value -> "\"" + value + "\"");
    }
  },
  VALUE_PERCENT_ENCODED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> {
            int at = value.isEmpty() ? 0 : random.nextInt(value.length());
            return value.isEmpty()
                ? "%00"
                : value.substring(0, at)
                    + "%%%02x".formatted((int) value.charAt(at) & 0xff)
                    + value.substring(at + 1);
          });
    }
  },
  /** Digits and letters that look the same, or count as the same in other places. */
  VALUE_IN_UNICODE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int kind = random.nextInt(4);
      change(
          forgery,
          sender,
          random,
          value -> {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < value.length(); i++) {
              char c = value.charAt(i);
              boolean digit = c >= '0' && c <= '9';
              text.append(
                  switch (kind) {
                    case 0 -> digit ? (char) (0x0660 + (c - '0')) : c;
                    case 1 -> digit ? (char) (0xFF10 + (c - '0')) : c;
                    case 2 -> c == 'a' ? 'а' : c == 'e' ? 'е' : c;
                    default ->
                        c > ' ' && c < 0x7f && random.nextInt(8) == 0 ? (char) (c + 0xFEE0) : c;
                  });
            }
            return Forgery.wire(text.toString());
          });
    }
  },
  /** The same 32 bytes, spelled in another way. */
  VALUE_RESPELLED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> {
            int at = 1 + Math.max(value.lastIndexOf(','), value.indexOf('='));
            String head = at >= value.length() ? "" : value.substring(0, at);
            return head + respelled(value.substring(head.length()), random);
          });
    }
  },
  VALUE_OF_ANOTHER_REQUEST {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      takeOver(forgery, sender, oneOf(random, sender.genuine()), random);
    }
  },
  VALUE_OF_A_STRANGER {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      String id = forgery.all("webhook-id").stream().findFirst().orElse("msg_1");
      Forgery stranger = sender.byStranger(forgery.body, id);
      if (stranger.pathKey != null) {
        forgery.pathKey = stranger.pathKey;
      }
      sender.deciding().stream()
          .filter(name -> stranger.indexOf(name) >= 0)
          .forEach(name -> forgery.set(name, Objects.requireNonNull(stranger.only(name))));
    }
  },
  VALUE_WITH_OTHER_PREFIX {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value ->
              switch (random.nextInt(8)) {
                case 0 -> value.replace("sha256=", "sha1=");
                case 1 -> value.replace("sha256=", "SHA256=");
                case 2 -> value.replace("sha256=", "");
                case 3 -> value.replace("s1=", "s0=");
                case 4 -> value.replace("v1,", "v1a,");
                case 5 -> value.replace("v1,", "v2,");
                case 6 -> value.replace("t=", "T=");
                default -> "sha256=" + value;
              });
    }
  },
  /** Several signatures where one stood. */
  VALUE_AS_LIST {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      String other = HEX.repeat(4);
      change(
          forgery,
          sender,
          random,
          value ->
              switch (random.nextInt(6)) {
                case 0 -> value + "," + other;
                case 1 -> other + "," + value;
                case 2 -> value + ",s1=" + other;
                case 3 -> "v1," + other + " " + value;
                case 4 -> value + ", " + value;
                default -> "t=1," + value;
              });
    }
  },
  /** A number, or what passes for one somewhere. */
  VALUE_OTHER_NUMBER {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      change(
          forgery,
          sender,
          random,
          value -> {
            Matcher number = NUMBER.matcher(value);
            if (!number.find()) {
              return value + "0";
            }
            String digits = number.group();
            long was = Long.parseLong(digits);
            return number.replaceFirst(
                switch (random.nextInt(9)) {
                  case 0 -> Long.toString(was + 1);
                  case 1 -> Long.toString(was - 1 - random.nextInt(200));
                  case 2 -> "0" + digits;
                  case 3 -> "+" + digits;
                  case 4 -> digits + "000";
                  case 5 -> digits + ".0";
                  case 6 -> "-" + digits;
                  case 7 -> "0x" + Long.toHexString(was);
                  default -> "9".repeat(18);
                });
          });
    }
  },

  // --- lines
  LINE_MISSING {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int at = line(forgery, sender, random);
      if (at < 0) {
        forgery.pathKey = null;
      } else {
        forgery.headers.remove(at);
      }
    }
  },
  LINE_TWICE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int at = line(forgery, sender, random);
      if (at >= 0) {
        Header line = forgery.headers.get(at);
        String name = random.nextBoolean() ? line.name() : line.name().toUpperCase(Locale.ROOT);
        String value =
            switch (random.nextInt(3)) {
              case 0 -> line.value();
              case 1 -> "";
              default -> HEX.repeat(4);
            };
        forgery.headers.add(random.nextInt(forgery.headers.size() + 1), new Header(name, value));
      }
    }
  },
  LINE_RENAMED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int at = line(forgery, sender, random);
      if (at >= 0) {
        Header line = forgery.headers.get(at);
        String name = line.name();
        forgery.headers.set(
            at,
            new Header(
                switch (random.nextInt(7)) {
                  case 0 -> name.toUpperCase(Locale.ROOT);
                  case 1 -> name.toLowerCase(Locale.ROOT);
                  case 2 -> name.replace('-', '_');
                  case 3 -> name + " ";
                  case 4 -> "X-" + name;
                  case 5 -> Forgery.wire(name.replace('i', 'ı').replace('s', 'ſ'));
                  default -> name.substring(1);
                },
                line.value()));
      }
    }
  },

  // --- the way in
  OTHER_SOURCE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.source = oneOf(random, SOURCES);
    }
  },
  SOURCE_RESPELLED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.source =
          switch (random.nextInt(4)) {
            case 0 -> forgery.source.toUpperCase(Locale.ROOT);
            case 1 -> forgery.source + ".";
            case 2 -> forgery.source.substring(1);
            default -> forgery.source + forgery.source;
          };
    }
  },
  KEY_GUESSED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      forgery.pathKey = random.nextBoolean() ? "k" : HEX.repeat(2);
    }
  },

  // --- what is signed, read in another way
  /** Moves text between the body and what stands before it in the signed text. */
  BOUNDARY_MOVED {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      int at = line(forgery, sender, random);
      if (at < 0) {
        return;
      }
      Header line = forgery.headers.get(at);
      String body = new String(forgery.body, StandardCharsets.ISO_8859_1);
      int stop = body.indexOf('.', random.nextInt(Math.max(1, body.length())));
      if (random.nextBoolean() && stop >= 0) {
        forgery.headers.set(
            at, new Header(line.name(), line.value() + "." + body.substring(0, stop)));
        forgery.body = body.substring(stop + 1).getBytes(StandardCharsets.ISO_8859_1);
      } else if (!line.value().isEmpty()) {
        int cut = random.nextInt(line.value().length());
        forgery.headers.set(at, new Header(line.name(), line.value().substring(0, cut)));
        forgery.body =
            (line.value().substring(cut) + "." + body).getBytes(StandardCharsets.ISO_8859_1);
      }
    }
  },
  /** Reads {@code id.time.body} with the first digits of the body as its time. */
  TIME_READ_ELSEWHERE {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      String id = forgery.only("webhook-id");
      String time = forgery.only("webhook-timestamp");
      String body = new String(forgery.body, StandardCharsets.ISO_8859_1);
      int stop = body.indexOf('.');
      if (id != null && time != null && stop >= 0) {
        forgery.set("webhook-id", id + "." + time);
        forgery.set("webhook-timestamp", body.substring(0, stop));
        forgery.body = body.substring(stop + 1).getBytes(StandardCharsets.ISO_8859_1);
      }
    }
  },
  /** A correct signature of another time; starts anew from such a request. */
  UNTIMELY {
    @Override
    void apply(Forgery forgery, Sender sender, RandomGenerator random) {
      if (sender.untimely().isEmpty()) {
        forgery.body = flipped(forgery.body, random);
        return;
      }
      Forgery other = oneOf(random, sender.untimely()).copy();
      forgery.headers.clear();
      forgery.headers.addAll(other.headers);
      forgery.body = other.body;
    }
  };

  private static final String HEX = "0123456789abcdef";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,12}");
  private static final List<String> TAILS =
      List.of(" ", "\n", "\0", "0", "=", "==", ",", "}", "a", "ï»¿", "\u00a0", "{}", "//", "\t");
  private static final List<String> BLANKS = List.of(" ", "\t", "  ", "\u00a0", "\u000b", "\0");
  private static final List<String> SOURCES =
      List.of(
          "envoy", "sign-in-app", "kyberaccess", "curacel", "off", "path", "standard", "nobody");

  /** Changes the request in place. */
  abstract void apply(Forgery forgery, Sender sender, RandomGenerator random);

  /** A text of a forger. */
  @FunctionalInterface
  interface Change {
    String of(String value);
  }

  /** Changes one header that decides, or the key in the path. */
  private static void change(
      Forgery forgery, Sender sender, RandomGenerator random, Change change) {
    int at = line(forgery, sender, random);
    if (at >= 0) {
      Header line = forgery.headers.get(at);
      forgery.headers.set(at, new Header(line.name(), change.of(line.value())));
    } else if (forgery.pathKey != null) {
      forgery.pathKey = change.of(forgery.pathKey);
    } else {
      forgery.body = flipped(forgery.body, random);
    }
  }

  /** Index of a header that decides, or -1 where the key in the path does. */
  private static int line(Forgery forgery, Sender sender, RandomGenerator random) {
    return sender.deciding().isEmpty() ? -1 : forgery.indexOf(oneOf(random, sender.deciding()));
  }

  private static int afterPrefix(String value) {
    for (String prefix : List.of("sha256=", "s1=", "v1,")) {
      int at = value.indexOf(prefix);
      if (at >= 0) {
        return at + prefix.length();
      }
    }
    return 0;
  }

  private static void takeOver(
      Forgery forgery, Sender sender, Forgery other, RandomGenerator random) {
    if (sender.deciding().isEmpty()) {
      forgery.pathKey = null;
      return;
    }
    String name = oneOf(random, sender.deciding());
    String value = other.only(name);
    if (value != null) {
      forgery.set(name, value);
    }
  }

  private static String respelled(String value, RandomGenerator random) {
    try {
      byte[] bytes =
          value.matches("[0-9a-f]{64}")
              ? HexFormat.of().parseHex(value)
              : Base64.getDecoder().decode(value);
      return switch (random.nextInt(5)) {
        case 0 -> HexFormat.of().withUpperCase().formatHex(bytes);
        case 1 -> Base64.getUrlEncoder().encodeToString(bytes);
        case 2 -> Base64.getEncoder().withoutPadding().encodeToString(bytes);
        case 3 ->
            value.matches("[0-9a-f]{64}")
                ? Base64.getEncoder().encodeToString(bytes)
                : HexFormat.of().formatHex(bytes);
        default -> "0x" + HexFormat.of().formatHex(bytes);
      };
    } catch (IllegalArgumentException e) {
      return value.replace('-', '+').replace('/', '_').replace("=", "");
    }
  }

  private static byte[] flipped(byte[] bytes, RandomGenerator random) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    byte[] flipped = bytes.clone();
    flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static <T> T oneOf(RandomGenerator random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
