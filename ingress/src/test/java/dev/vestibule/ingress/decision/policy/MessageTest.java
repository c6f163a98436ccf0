package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final Input JANE =
      Input.builder()
          .text(Fact.VISITOR_NAME, "Jane {host.name} $1 Doe")
          .text(Fact.SITE_NAME, "HQ")
          .build()
          .withWatchlist(true, 100, List.of("secret list"));

  @Test
  void placeholdersAreFilledOnceAndTheMissingOnesAreUnknown() {
    assertThat(Message.of("Front Door", "{visitor.name} for {host.name} at {site.name}", JANE))
        .isEqualTo("Front Door: Jane {host.name} $1 Doe for unknown at HQ");
  }

  @Test
  void noPlaceholderTellsOfTheWatchlist() {
    assertThat(Message.placeholders())
        .noneMatch(name -> name.contains("watchlist"))
        .allSatisfy(name ->
            assertThat(Message.of("app", name, JANE)).doesNotContain("secret", "100", "true"));
    for (Fact fact : Fact.values()) {
      String placeholder = "{" + fact.variable() + "}";
      assertThat(Message.problem(placeholder) == null)
          .isEqualTo(Message.placeholders().contains(placeholder));
    }
  }

  @Test
  void bracesThatAreNoPlaceholderAreRefused() {
    assertThat(Message.problem("{visitor.name}{visitor.email}"))
        .isEqualTo(
            "'{visitor.email}' is no placeholder; expected {entry.flow}, {entry.purpose},"
                + " {host.name}, {site.name}, {visitor.company}, {visitor.name}");
    assertThat(Message.problem("a }")).startsWith("'}' is no placeholder");
    assertThat(Message.problem("{}")).startsWith("'{}' is no placeholder");
    assertThat(Message.problem("{{visitor.name}}")).startsWith("'{' is no placeholder");
    assertThat(Message.problem("plain")).isNull();
  }

  @Test
  void lengthCountsCodePointsAndNeverCutsOneApart() {
    Input emoji = Input.builder().text(Fact.VISITOR_NAME, "\ud83d\ude00".repeat(500)).build();

    String one = Message.of("app", "{visitor.name}", emoji);
    String many = Message.of("app", "{visitor.name}".repeat(14), emoji);

    assertThat(one).isEqualTo("app: " + "\ud83d\ude00".repeat(59) + "…");
    assertThat(many.codePointCount(0, many.length())).isEqualTo(300);
    assertThat(many).startsWith("app: ").endsWith("\ud83d\ude00…");
    assertThat(Message.problem("\ud83d\ude00".repeat(200))).isNull();
    assertThat(Message.problem("\ud83d\ude00".repeat(201))).startsWith("is 201 characters long");
  }

  @Test
  void nothingBreaksOrTurnsTheLine() {
    Input odd =
        Input.builder()
            .text(Fact.VISITOR_NAME, "a\nb\r\tc\u202ed\u200be\u2028f\u0000g\ud800h\u2066i")
            .build();

    assertThat(Message.of("my\napp", "{visitor.name}", odd))
        .isEqualTo("my app: a b  c d e f g h i");
  }
}
