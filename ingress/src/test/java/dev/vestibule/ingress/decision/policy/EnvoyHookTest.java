package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvoyHookTest {
  /** A Saturday evening in Berlin, still Saturday, and already Sunday in Auckland. */
  private static final Instant NOW = Instant.parse("2026-11-21T18:30:00Z");

  @Test
  void readsAnEntry() {
    Input input = read(body("entry.json"));

    assertThat(input.unreadable()).isNull();
    assertThat(input.facts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry(Fact.VISITOR_ID, "9001"),
                Map.entry(Fact.VISITOR_NAME, "Jane Doe"),
                Map.entry(Fact.VISITOR_EMAIL, "jane@example.com"),
                Map.entry(Fact.VISITOR_PHONE, "+49 30 1234567"),
                Map.entry(Fact.VISITOR_COMPANY, "Example GmbH"),
                Map.entry(Fact.VISITOR_EMPLOYEE, false),
                Map.entry(Fact.HOST_ID, "77"),
                Map.entry(Fact.HOST_NAME, "Sam Host"),
                Map.entry(Fact.HOST_EMAIL, "sam@example.com"),
                Map.entry(Fact.SITE_ID, "143"),
                Map.entry(Fact.SITE_NAME, "HQ"),
                Map.entry(Fact.SITE_HIGH_SECURITY, true),
                Map.entry(Fact.ENTRY_ID, "19"),
                Map.entry(Fact.ENTRY_FLOW, "Visitor"),
                Map.entry(Fact.ENTRY_PURPOSE, "Meeting"),
                Map.entry(
                    Fact.ENTRY_ANSWERS,
                    Map.of(
                        "Purpose of visit",
                        "Meeting",
                        "Your company",
                        "Example GmbH",
                        "Items",
                        "laptop\nphone")),
                Map.entry(Fact.INVITE_ID, "55"),
                Map.entry(Fact.TIME_HOUR, 19L),
                Map.entry(Fact.TIME_MINUTE, 30L),
                Map.entry(Fact.TIME_WEEKDAY, 6L),
                Map.entry(Fact.TIME_DATE, "2026-11-21"),
                Map.entry(Fact.SOURCE_NAME, "hq-envoy")));
  }

  @Test
  void readsAnEntryOfTheWebhooksAppWithoutMeta() {
    Input input = read(body("entry-without-meta.json"));

    assertThat(input.unreadable()).isNull();
    assertThat(input.text(Fact.ENTRY_ID)).isEqualTo("19");
    assertThat(input.text(Fact.SITE_ID)).isEqualTo("143");
    assertThat(input.facts())
        .doesNotContainKeys(Fact.TIME_HOUR, Fact.INVITE_ID, Fact.VISITOR_EMAIL, Fact.SITE_NAME);
  }

  @Test
  void readsAnInvite() {
    Input input = read(body("invite.json"));

    assertThat(input.unreadable()).isNull();
    assertThat(input.text(Fact.INVITE_ID)).isEqualTo("55");
    assertThat(input.text(Fact.HOST_NAME)).isEqualTo("Sam Inviter");
    assertThat(input.facts()).doesNotContainKey(Fact.ENTRY_ID);
  }

  @Test
  void dayChangesWithTheZoneOfTheSite() {
    Input input = read(body("entry.json").replace("Europe/Berlin", "Pacific/Auckland"));

    assertThat(input.facts())
        .containsEntry(Fact.TIME_WEEKDAY, 7L)
        .containsEntry(Fact.TIME_DATE, "2026-11-22");
  }

  @Test
  void siteThatNobodyNamedHasNoSecurityMark() {
    Input input = read("{\"payload\":{\"id\":1,\"type\":\"entries\",\"attributes\":{}}}");

    assertThat(input.unreadable()).isNull();
    assertThat(input.facts().keySet())
        .containsExactlyInAnyOrder(Fact.ENTRY_ID, Fact.ENTRY_ANSWERS, Fact.SOURCE_NAME);
  }

  @Test
  void absentEmptyAndNullAreTheSame() {
    String body = body("entry.json");
    for (String email : new String[] {"\"\"", "\"  \"", "null"}) {
      Input input = read(body.replace("\"jane@example.com\"", email));
      assertThat(input.unreadable()).isNull();
      assertThat(input.facts()).doesNotContainKey(Fact.VISITOR_EMAIL);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"Jane Doe\" | {\"first\":\"Jane\"} | payload.attributes.full-name",
        "\"Jane Doe\" | [\"Jane\"] | payload.attributes.full-name",
        "\"Jane Doe\" | 7 | payload.attributes.full-name",
        "\"jane@example.com\" | true | payload.attributes.email",
        "\"type\":\"entries\" | \"type\":\"employees\" | payload.type",
        "\"type\":\"entries\" | \"type\":null | payload.type",
        "\"id\":\"19\" | \"id\":{} | payload.id",
        "\"id\":\"19\" | \"id\":1.5 | payload.id",
        "\"employee-screening-flow\":false | \"employee-screening-flow\":\"no\" |"
            + " payload.attributes.employee-screening-flow",
        "\"field\":\"Items\" | \"field\":[] | payload.attributes.user-data",
        "\"field\":\"Items\" | \"label\":\"Items\" | payload.attributes.user-data",
        "\"Meeting\" | {\"a\":1} | payload.attributes.user-data",
        "\"user-data\":[ | \"user-data\":[7, | payload.attributes.user-data",
        "\"user-data\":[ | \"user-data\":{},\"x\":[ | payload.attributes.user-data",
        "\"attributes\":{\"full | \"attributes\":[],\"x\":{\"full | payload.attributes",
        "\"timezone\":\"Europe/Berlin\" | \"timezone\":\"Mars/Olympus\" |"
            + " meta.location.attributes.timezone",
        "\"location\":{\"data\":{\"id\":\"143\" | \"location\":{\"data\":{\"id\":\"144\" |"
            + " meta.location.id",
        "\"relationships\":{ | \"relationships\":[],\"x\":{ | payload.relationships",
        "{\"meta\": | {\"meta\":7,\"meta2\": | meta",
        "{\"meta\": | {\"meta\":null,\"meta\": | body",
        "\"full-name\": | \"full-name\":\"Other\",\"full-name\": | body",
      })
  void oddFieldIsNamedAndMakesTheInputUnreadable(String line) {
    String[] parts = line.split(" \\| ?");
    String body = body("entry.json");
    assertThat(body).contains(parts[0]);

    Input input = read(body.replace(parts[0], parts[1]));

    assertThat(input.unreadable()).isEqualTo(parts[2]);
  }

  @Test
  void longTextsAndManyAnswersAreUnreadable() {
    String body = body("entry.json");
    String many =
        IntStream.range(0, 101)
            .mapToObj(i -> "{\"field\":\"q" + i + "\",\"value\":\"a\"}")
            .collect(Collectors.joining(","));
    String joined =
        IntStream.range(0, 3)
            .mapToObj(i -> "{\"field\":\"q\",\"value\":\"" + "a".repeat(1000) + "\"}")
            .collect(Collectors.joining(","));

    assertThat(read(body.replace("Jane Doe", "x".repeat(2001))).unreadable())
        .isEqualTo("payload.attributes.full-name");
    assertThat(read(body.replace("Jane Doe", "x".repeat(2000))).unreadable()).isNull();
    assertThat(read(body.replace("\"user-data\":[", "\"user-data\":[" + many + ",")).unreadable())
        .isEqualTo("payload.attributes.user-data");
    assertThat(read(body.replace("\"user-data\":[", "\"user-data\":[" + joined + ",")).unreadable())
        .isEqualTo("payload.attributes.user-data");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "7",
        "\"text\"",
        "[]",
        "{}",
        "{",
        "{}{}",
        "{\"payload\":null}",
        "{\"payload\":[]}",
        "{\"payload\":{\"attributes\":null}}",
        "\u0000",
        "{\"a\":NaN}",
        "{'a':1}"
      })
  void bodyThatIsNoHookCallIsUnreadable(String body) {
    assertThat(read(body).unreadable()).isNotNull();
  }

  @Test
  void otherEncodingsAndDeepBodiesAreUnreadable() {
    byte[] utf16 = body("entry.json").getBytes(StandardCharsets.UTF_16);
    byte[] latin1 =
        body("entry.json").replace("Jane", "Jané").getBytes(StandardCharsets.ISO_8859_1);
    byte[] deep = "{\"a\":".repeat(200_000).getBytes(StandardCharsets.UTF_8);
    byte[] number = ("{\"a\":" + "9".repeat(900_000) + "}").getBytes(StandardCharsets.UTF_8);

    for (byte[] body : new byte[][] {utf16, latin1, deep, number, new byte[1 << 20]}) {
      assertThat(EnvoyHook.read(body, "s", NOW, Set.of()).unreadable()).isEqualTo("body");
    }
  }

  @Test
  void brokenBytesNeverThrowAndAreReviewed() {
    long seed = new Random().nextLong();
    System.out.println("EnvoyHookTest seed " + seed);
    Random random = new Random(seed);
    byte[] good = body("entry.json").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Input input = EnvoyHook.read(bytes, "s", NOW, Set.of());
      if (bytes.length < good.length) {
        assertThat(input.unreadable()).as("cut at %s", bytes.length).isNotNull();
      }
      assertThat(PolicySet.EMPTY.decide(input, "app", Outcome.APPROVE).outcome())
          .isEqualTo(input.unreadable() == null ? Outcome.APPROVE : Outcome.REVIEW);
    }
  }

  @Test
  void valuesStayOutOfTheTextForm() {
    assertThat(read(body("entry.json")).toString()).contains("VISITOR_NAME").doesNotContain("Jane");
  }

  private static Input read(String body) {
    return EnvoyHook.read(
        body.getBytes(StandardCharsets.UTF_8), "hq-envoy", NOW, Set.of("143", "7"));
  }

  private static String body(String name) {
    try (InputStream in = EnvoyHookTest.class.getResourceAsStream("/policies/hooks/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
