package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import com.ibm.icu.text.IDNA;
import com.ibm.icu.text.Normalizer2;
import dev.vestibule.ingress.decision.watchlist.Hit.Field;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which values are compared: two values are the same when they have a normal form in
 * common. Safe for several threads.
 */
public final class Normal {
  private static final Set<String> TITLES =
      Set.of(
          "mr",
          "mrs",
          "ms",
          "miss",
          "mx",
          "dr",
          "prof",
          "professor",
          "doctor",
          "sir",
          "madam",
          "herr",
          "frau",
          "hr",
          "fr",
          "dipl",
          "phd",
          "mba",
          "msc",
          "bsc",
          "monsieur",
          "mme",
          "mlle",
          "senor",
          "senora",
          "signor",
          "signora",
          "dott",
          "mgr",
          "ir",
          "drs",
          "esq");

  /** Titles that are also names: dropped only where two words remain. */
  private static final Set<String> PERHAPS_TITLES =
      Set.of(
          "ing", "mag", "jr", "sr", "junior", "senior", "ii", "iii", "lady", "lord", "dame", "md");

  private static final Map<String, String> DOTTED =
      Map.of("ph.d", "phd", "m.sc", "msc", "b.sc", "bsc", "m.d.", "md", "m.b.a", "mba");

  private static final Set<String> LEGAL_FORMS =
      Set.of(
          "gmbh",
          "mbh",
          "ggmbh",
          "ag",
          "kg",
          "kgaa",
          "ohg",
          "gbr",
          "ug",
          "haftungsbeschrankt",
          "haftungsbeschraenkt",
          "se",
          "ev",
          "eg",
          "co",
          "cie",
          "inc",
          "incorporated",
          "corp",
          "corporation",
          "company",
          "ltd",
          "limited",
          "llc",
          "llp",
          "lp",
          "plc",
          "sa",
          "sas",
          "sarl",
          "sasu",
          "sl",
          "slu",
          "srl",
          "spa",
          "bv",
          "nv",
          "vof",
          "oy",
          "oyj",
          "ab",
          "as",
          "asa",
          "aps",
          "doo",
          "dd",
          "sro",
          "kft",
          "zrt",
          "nyrt",
          "sp",
          "z",
          "oo",
          "pty",
          "pte",
          "pvt",
          "kk",
          "gk",
          "ooo",
          "zao",
          "pao",
          "oao",
          "bhd",
          "sdn",
          "sti",
          "ltda",
          "cv",
          "de");

  /** Providers that document that a local part's full stops mean nothing. */
  private static final Set<String> NO_DOTS = Set.of("gmail.com");

  /** Providers that document that what follows a plus sign is the owner's own. */
  private static final Set<String> PLUS_TAGS =
      Set.of(
          "gmail.com",
          "outlook.com",
          "hotmail.com",
          "live.com",
          "msn.com",
          "icloud.com",
          "me.com",
          "mac.com",
          "fastmail.com",
          "proton.me",
          "protonmail.com",
          "pm.me");

  private static final Normalizer2 FOLDED = Normalizer2.getNFKCCasefoldInstance();
  private static final IDNA DOMAINS =
      IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.CHECK_BIDI);
  private static final PhoneNumberUtil PHONES = PhoneNumberUtil.getInstance();
  private static final int FEWEST_DIGITS = 5;
  private static final long SMALLEST_NUMBER = 10_000;

  private final @Nullable String region;

  /**
   * Reads the tables for all scripts, which takes most of a second.
   *
   * @param region ISO 3166 country of phone numbers written without a country code, e.g. {@code
   *     DE}; null = those are compared digit by digit and match only each other
   * @throws IllegalArgumentException if there is no such country
   */
  public Normal(@Nullable String region) {
    if (region != null && !PHONES.getSupportedRegions().contains(region)) {
      throw new IllegalArgumentException(
          "default country '" + region + "' is no ISO 3166 code; write it like DE or US");
    }
    this.region = region;
    Latin.warmUp();
  }

  /** A name's words, in the order of the alphabet, joined by blanks; empty if it has no letter. */
  public List<String> names(String name) {
    Set<String> forms = new LinkedHashSet<>();
    for (String reading : Latin.readings(clip(name))) {
      List<String> words = words(undotted(reading));
      drop(words, TITLES, 1);
      drop(words, PERHAPS_TITLES, 2);
      Collections.sort(words);
      if (!words.isEmpty()) {
        forms.add(String.join(" ", words));
      }
    }
    return List.copyOf(forms);
  }

  /** A company's words in their order, without legal forms; empty if it has no letter. */
  public List<String> companies(String company) {
    Set<String> forms = new LinkedHashSet<>();
    for (String reading : Latin.readings(clip(company))) {
      List<String> words = words(reading.replace(".", "").replace("/", ""));
      words.removeIf(word -> words.size() > 1 && (word.equals("and") || word.equals("und")));
      if (words.size() > 1 && words.getFirst().equals("the")) {
        words.removeFirst();
      }
      while (words.size() > 1 && LEGAL_FORMS.contains(words.getLast())) {
        words.removeLast();
      }
      if (!words.isEmpty()) {
        forms.add(String.join(" ", words));
      }
    }
    return List.copyOf(forms);
  }

  /** An e-mail address; null if it is none. */
  public @Nullable String email(String address) {
    String text = Latin.visible(clip(address)).strip();
    int open = text.lastIndexOf('<');
    if (open >= 0 && text.endsWith(">")) {
      text = text.substring(open + 1, text.length() - 1).strip();
    }
    String folded = FOLDED.normalize(text);
    if (folded.startsWith("mailto:")) {
      folded = folded.substring("mailto:".length());
    }
    int at = folded.lastIndexOf('@');
    if (at < 1 || folded.indexOf(' ') >= 0) {
      return null;
    }
    String domain = domain(folded.substring(at + 1));
    return domain.indexOf('.') < 1 ? null : local(folded.substring(0, at), domain) + "@" + domain;
  }

  private static String domain(String text) {
    StringBuilder ascii = new StringBuilder();
    IDNA.Info info = new IDNA.Info();
    DOMAINS.nameToASCII(text, ascii, info);
    String domain = info.hasErrors() ? text : ascii.toString().toLowerCase(Locale.ROOT);
    domain = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
    return domain.equals("googlemail.com") ? "gmail.com" : domain;
  }

  private static String local(String text, String domain) {
    int plus = text.indexOf('+');
    String local = plus > 0 && PLUS_TAGS.contains(domain) ? text.substring(0, plus) : text;
    return NO_DOTS.contains(domain) ? local.replace(".", "") : local;
  }

  /**
   * A phone number as E.164; the bare digits after {@code ~} where the country is not known; null
   * if it has fewer than five digits.
   */
  public @Nullable String phone(String number) {
    String text = FOLDED.normalize(Latin.visible(clip(number))).strip();
    text = text.startsWith("00") ? "+" + text.substring(2) : text;
    try {
      PhoneNumber parsed = PHONES.parse(text, region);
      return parsed.getNationalNumber() < SMALLEST_NUMBER
          ? null
          : PHONES.format(parsed, PhoneNumberFormat.E164);
    } catch (NumberParseException e) {
      StringBuilder digits = new StringBuilder("~");
      text.codePoints()
          .filter(Character::isDigit)
          .forEach(c -> digits.append(Character.digit(c, 10)));
      return digits.length() > FEWEST_DIGITS ? digits.toString() : null;
    }
  }

  private static String clip(String text) {
    return text.length() <= Entry.VALUE_LENGTH ? text : text.substring(0, Entry.VALUE_LENGTH);
  }

  private static String undotted(String reading) {
    String text = reading;
    if (text.indexOf('.') >= 0) {
      for (Map.Entry<String, String> dotted : DOTTED.entrySet()) {
        text = text.replace(dotted.getKey(), dotted.getValue());
      }
    }
    return text;
  }

  /** Runs of letters and digits that hold a letter; apostrophes join. */
  private static List<String> words(String reading) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= reading.length(); i++) {
      char c = i == reading.length() ? ' ' : reading.charAt(i);
      if (Character.isLetterOrDigit(c) || Character.isSurrogate(c)) {
        word.append(c);
      } else if (c != '\'' && c != '`' && !word.isEmpty()) {
        add(word, words);
      }
    }
    return words;
  }

  /** Zero and one within a word stand for the letters that they look like. */
  private static void add(StringBuilder word, List<String> words) {
    String text = word.toString();
    word.setLength(0);
    if (text.codePoints().anyMatch(Character::isLetter)) {
      words.add(text.replace('0', 'o').replace('1', 'l'));
    }
  }

  private static void drop(List<String> words, Set<String> unwanted, int least) {
    for (int i = words.size() - 1; i >= 0 && words.size() > least; i--) {
      if (unwanted.contains(words.get(i))) {
        words.remove(i);
      }
    }
  }

  /** All forms by which an entry is found. */
  Collection<byte[]> forms(Entry entry) {
    List<byte[]> forms = new ArrayList<>();
    texts(entry).forEach((field, texts) -> texts.forEach(text -> forms.add(Form.of(field, text))));
    return forms;
  }

  private Map<Field, Set<String>> texts(Entry entry) {
    return Map.of(
        Field.NAME,
        all(entry.names(), this::names),
        Field.EMAIL,
        all(entry.emails(), address -> list(email(address))),
        Field.PHONE,
        all(entry.phones(), number -> list(phone(number))),
        Field.COMPANY,
        entry.isCompany() ? all(entry.companies(), this::companies) : Set.of());
  }

  private static Set<String> all(Collection<String> values, Function<String, List<String>> forms) {
    Set<String> all = new TreeSet<>();
    values.forEach(value -> all.addAll(forms.apply(value)));
    return all;
  }

  private static List<String> list(@Nullable String form) {
    return form == null ? List.of() : List.of(form);
  }

  /**
   * Sixteen bytes in hex that are the same for entries found by the same forms, whatever else they
   * say.
   */
  String identity(Entry entry) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    Map<Field, Set<String>> texts = texts(entry);
    for (Field field : Field.values()) {
      for (String text : texts.getOrDefault(field, Set.of())) {
        digest.update((field.name() + ' ' + text + '\n').getBytes(UTF_8));
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /** What of a visitor is compared. */
  Query query(Person person) {
    List<byte[]> forms = new ArrayList<>();
    List<byte[]> fuzzy = new ArrayList<>();
    boolean complete = true;
    for (String name : list(person.name()).stream().flatMap(n -> names(n).stream()).toList()) {
      byte[] form = Form.of(Field.NAME, name);
      forms.add(form);
      int words = Fuzzy.words(form).length / 2;
      complete &= words <= Fuzzy.MOST_WORDS;
      if (words >= 2 && words <= Fuzzy.MOST_WORDS) {
        fuzzy.add(form);
      }
    }
    add(Field.EMAIL, person.email(), address -> list(email(address)), forms);
    add(Field.PHONE, person.phone(), number -> list(phone(number)), forms);
    add(Field.COMPANY, person.company(), this::companies, forms);
    complete &=
        fits(person.name())
            && fits(person.email())
            && fits(person.phone())
            && fits(person.company());
    return new Query(forms, fuzzy, complete);
  }

  private static void add(
      Field field,
      @Nullable String value,
      Function<String, List<String>> normal,
      List<byte[]> forms) {
    if (value != null) {
      normal.apply(value).forEach(text -> forms.add(Form.of(field, text)));
    }
  }

  private static boolean fits(@Nullable String value) {
    return value == null || value.length() <= Entry.VALUE_LENGTH;
  }
}
