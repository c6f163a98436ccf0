package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NormalTest {
  private static final Normal NORMAL = new Normal("DE");

  static Stream<Arguments> names() throws IOException {
    return rows("names.txt");
  }

  static Stream<Arguments> fields() throws IOException {
    return rows("fields.txt");
  }

  private static Stream<Arguments> rows(String file) throws IOException {
    try (InputStream in = NormalTest.class.getResourceAsStream("/watchlist/" + file)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#") && !line.isBlank())
              .map(line -> Arguments.of((Object[]) line.split(" \\| ", -1)))
              .toList()
              .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void namesMatchAsTheTableSays(String entry, String visitor, String expected, String rule) {
    Watchlist.Builder builder = new Watchlist.Builder(NORMAL);
    builder.add(new Change.Put(Entries.named("one", entry)));

    Match match = builder.build().match(Entries.person(visitor), "berlin", Entries.NOW);

    assertThat(match.hits())
        .as(rule)
        .extracting(hit -> hit.precision().name().toLowerCase(java.util.Locale.ROOT))
        .isEqualTo(expected.equals("none") ? List.of() : List.of(expected));
    assertThat(match.complete()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("fields")
  void otherFieldsMatchAsTheTableSays(
      String field, String one, String other, String expected, String rule) {
    List<String> first = forms(field, one);
    boolean same = forms(field, other).stream().anyMatch(first::contains);

    assertThat(same).as(rule).isEqualTo(expected.equals("same"));
  }

  private static List<String> forms(String field, String value) {
    String form =
        switch (field) {
          case "email" -> NORMAL.email(value);
          case "phone" -> NORMAL.phone(value);
          default -> null;
        };
    return field.equals("company")
        ? NORMAL.companies(value)
        : form == null ? List.of() : List.of(form);
  }

  @Test
  void nationalNumbersWithoutACountryMatchOnlyEachOther() {
    Normal abroad = new Normal(null);

    assertThat(abroad.phone("030 1234567")).isEqualTo("~0301234567");
    assertThat(abroad.phone("0049 30 1234567")).isEqualTo("+49301234567");
    assertThat(abroad.phone("1234")).isNull();
  }

  @Test
  void anUnknownCountryIsRefusedByName() {
    assertThatThrownBy(() -> new Normal("Germany"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'Germany'")
        .hasMessageContaining("DE");
  }

  @ParameterizedTest
  @CsvSource({"''", "-", "123", "' '", "☺"})
  void whatHasNoLetterHasNoName(String name) {
    assertThat(NORMAL.names(name)).isEmpty();
    assertThat(NORMAL.companies(name)).isEmpty();
    assertThat(NORMAL.email(name)).isNull();
  }

  @Test
  void hostileTextHasShortFormsAndNeverFails() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<String> hostile =
        List.of(
            "\uD800",
            "\uDC00\uD800 \uDBFF",
            "a\u0000b\u0007",
            "ﷺ".repeat(300),
            "\u0301".repeat(300),
            "習".repeat(300),
            "x".repeat(1 << 20),
            "é ".repeat(1 << 19),
            "@".repeat(1 << 20),
            "+" + "9".repeat(1 << 20),
            "a@" + "b.".repeat(1 << 19));
    for (String text : hostile) {
      survives(text);
    }
    for (int i = 0; i < 300; i++) {
      int[] points =
          IntStream.generate(() -> random.nextInt(random.nextBoolean() ? 0x500 : 0x110000))
              .limit(random.nextInt(40))
              .toArray();
      survives(new String(points, 0, points.length));
    }
  }

  private static void survives(String text) {
    assertThat(NORMAL.names(text)).allSatisfy(form -> assertThat(form).hasSizeLessThan(20_000));
    assertThat(NORMAL.names(text)).allSatisfy(form -> assertThat(form.strip()).isEqualTo(form));
    assertThat(NORMAL.companies(text)).isEqualTo(NORMAL.companies(text));
    String email = NORMAL.email(text);
    assertThat(email == null || email.length() < 20_000).isTrue();
    String phone = NORMAL.phone(text);
    assertThat(phone == null || phone.length() < 400).isTrue();
  }

  @Test
  void aNormalFormIsItsOwnNormalForm() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      for (String form : NORMAL.names(random(random))) {
        assertThat(NORMAL.names(form)).as("seed %d, form %s", seed, form).contains(form);
      }
    }
  }

  private static String random(Random random) {
    String name = Entries.visitor(random).name();
    return name == null ? "Jane" : name;
  }

  @Test
  void severalThreadsReadTheSame() throws Exception {
    List<String> names = List.of("محمد المصري", "王小明", "Юрий Щербаков", "Γιώργος", "Müller Jürgen");
    List<List<String>> alone = names.stream().map(NORMAL::names).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Callable<List<List<String>>> all = () -> names.stream().map(NORMAL::names).toList();
      List<Future<List<List<String>>>> answers =
          threads.invokeAll(java.util.Collections.nCopies(40, all));
      for (Future<List<List<String>>> answer : answers) {
        assertThat(answer.get()).isEqualTo(alone);
      }
    }
  }

  @Test
  void titlesAloneAreAName() {
    assertThat(NORMAL.names("Dr.")).containsExactly("dr");
    assertThat(Arrays.asList("Herr Doe", "Doe"))
        .allSatisfy(name -> assertThat(NORMAL.names(name)).containsExactly("doe"));
  }
}
