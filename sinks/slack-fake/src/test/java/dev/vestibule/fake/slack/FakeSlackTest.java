package dev.vestibule.fake.slack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FakeSlackTest {
  private static final Instant NINE = Instant.parse("2026-01-15T09:00:00Z");
  private static final String HOSTILE =
      "</p><script>alert(1)</script><img src=x onerror='y'>\"&amp;";
  private static final String BUTTONS =
      """
      [{"type":"header","text":{"type":"plain_text","text":"Review needed","emoji":false}},
       {"type":"section","fields":[{"type":"plain_text","text":"Visitor: Ada L."},
         {"type":"mrkdwn","text":"Since <!date^1768467600^{time}|09:00 UTC>"}]},
       {"type":"context","elements":[{"type":"plain_text","text":"visit v-1"}]},
       {"type":"actions","block_id":"review:1","elements":[
         {"type":"button","action_id":"visit_approve","style":"primary","value":"v1.token",
          "text":{"type":"plain_text","text":"Approve"}},
         {"type":"button","action_id":"visit_deny","style":"danger","value":"v1.token",
          "text":{"type":"plain_text","text":"Deny"}}]}]
      """;

  private static HttpClient http;
  private Instant now = NINE;
  private FakeSlack slack;

  @BeforeAll
  static void open() {
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void end() {
    http.close();
  }

  @BeforeEach
  void start() throws IOException {
    slack = FakeSlack.start("xoxb-test", "8f742231b10e8888abcd99yyyzzz85a5", () -> now);
    slack.channel("C0FRONT", "front-desk").user("U0SAM", "Sam", "sam@example.com");
  }

  @AfterEach
  void stop() {
    slack.close();
  }

  // ---- what is refused

  @Test
  void onlyTheTokenOpensIt() throws Exception {
    assertThat(error(send("auth.test", "", null))).isEqualTo("not_authed");
    assertThat(error(send("auth.test", "", "Bearer other"))).isEqualTo("invalid_auth");
    assertThat(call("auth.test", Map.of()).path("team_id").asText()).isEqualTo(FakeSlack.TEAM);
  }

  @Test
  void aParameterGivenTwiceOrUnknownIsRefused() throws Exception {
    String twice = "channel=C0FRONT&text=a&text=b";
    assertThat(error(send("chat.postMessage", twice, "Bearer xoxb-test")))
        .isEqualTo("invalid_arguments");
    assertThat(error(call("chat.postMessage", Map.of("channel", "C0FRONT", "colour", "red"))))
        .isEqualTo("invalid_arg_name");
    assertThat(slack.messages("C0FRONT")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{'type':'header','text':{'type':'plain_text','text':''}}]",
        "[{'type':'header','text':{'type':'mrkdwn','text':'a'}}]",
        "[{'type':'section'}]",
        "[{'type':'section','fields':[]}]",
        "[{'type':'section','text':{'type':'mrkdwn','text':'<b>'}}]",
        "[{'type':'section','text':{'type':'mrkdwn','text':'<!channel> come'}}]",
        "[{'type':'section','text':{'type':'mrkdwn','text':'a & b'}}]",
        "[{'type':'surprise'}]",
        "[{'type':'divider','onclick':'x'}]",
        "[{'type':'divider','block_id':'a'},{'type':'divider','block_id':'a'}]",
        "[{'type':'actions','elements':[{'type':'button','action_id':'a','style':'red',"
            + "'text':{'type':'plain_text','text':'a'}}]}]",
        "[{'type':'actions','elements':[{'type':'button','text':{'type':'plain_text','text':'a'}}]}]",
        "[{'type':'actions','elements':[{'type':'button','action_id':'a','value':'TOO_LONG',"
            + "'text':{'type':'plain_text','text':'a'}}]}]",
        "[{'type':'actions','elements':[{'type':'button','action_id':'a','confirm':{'title':"
            + "{'type':'plain_text','text':'a'}},'text':{'type':'plain_text','text':'a'}}]}]"
      })
  void blocksThatSlackWouldNotShowAreRefused(String blocks) throws Exception {
    String json = blocks.replace('\'', '"').replace("TOO_LONG", "v".repeat(2001));

    assertThat(error(post("x", json))).isEqualTo("invalid_blocks");
  }

  @Test
  void theNumbersOfBlocksAreLimited() throws Exception {
    String divider = "{\"type\":\"divider\"}";
    assertThat(error(post("x", list(divider, 51)))).isEqualTo("invalid_blocks");
    assertThat(post("x", list(divider, 50)).path("ok").booleanValue()).isTrue();
    String field = "{\"type\":\"plain_text\",\"text\":\"%s\"}";
    assertThat(error(post("x", section(list(field.formatted("f"), 11)))))
        .isEqualTo("invalid_blocks");
    assertThat(error(post("x", section(list(field.formatted("f".repeat(2001)), 1)))))
        .isEqualTo("invalid_blocks");
    assertThat(error(post("x", section(list(field.formatted("f".repeat(1900)), 7)))))
        .isEqualTo("msg_blocks_too_long");
  }

  @Test
  void textHasToBeThereAndEscaped() throws Exception {
    assertThat(error(call("chat.postMessage", Map.of("channel", "C0FRONT")))).isEqualTo("no_text");
    assertThat(error(post("<script>", "[]"))).isEqualTo("invalid_blocks");
    assertThat(error(post("x", "nonsense"))).isEqualTo("invalid_blocks_format");
  }

  // ---- messages

  @Test
  void timesOfMessagesAreUniqueAndRise() throws Exception {
    List<String> times = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      times.add(post("x", "[]").path("ts").asText());
    }
    assertThat(times.getFirst()).isEqualTo("1768467600.000000");
    assertThat(times).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aMessageThatIsNotInTheHistoryYetComesLater() throws Exception {
    slack.hidden(Duration.ofSeconds(5));
    post("x", "[]");

    assertThat(history()).isEmpty();
    now = NINE.plusSeconds(5);
    assertThat(history()).hasSize(1);
  }

  @Test
  void onlyWhatTheAppWroteCanBeChanged() throws Exception {
    String ts = slack.write("C0FRONT", "hello", null);

    assertThat(error(call("chat.update", Map.of("channel", "C0FRONT", "ts", ts, "text", "x"))))
        .isEqualTo("cant_update_message");
    assertThat(error(call("chat.delete", Map.of("channel", "C0FRONT", "ts", ts))))
        .isEqualTo("cant_delete_message");
  }

  @Test
  void callsAreNotedWithTheirTimeAndResult() throws Exception {
    post("x", "[]");
    now = NINE.plusSeconds(3);
    slack.next("chat.postMessage", Fault.status(503));
    send("chat.postMessage", "channel=C0FRONT&text=y", "Bearer xoxb-test");

    assertThat(slack.calls()).extracting(Call::at).containsExactly(NINE, NINE.plusSeconds(3));
    assertThat(slack.calls()).extracting(Call::result).containsExactly("ok", "503");
    assertThat(slack.calls().toString()).doesNotContain("C0FRONT");
  }

  // ---- limits

  @Test
  void aMinuteHasSoManyUpdates() throws Exception {
    slack.limits(true);
    Map<String, String> update = Map.of("channel", "C0FRONT", "ts", "1.0", "text", "x");
    for (int i = 0; i < 50; i++) {
      assertThat(error(call("chat.update", update))).isEqualTo("message_not_found");
    }
    now = NINE.plusMillis(500);
    HttpResponse<String> limited = send("chat.update", form(update), "Bearer xoxb-test");

    assertThat(limited.statusCode()).isEqualTo(429);
    assertThat(limited.headers().firstValue("Retry-After")).contains("60");
    now = NINE.plusSeconds(60);
    assertThat(error(call("chat.update", update))).isEqualTo("message_not_found");
  }

  // ---- clicks

  @Test
  void aClickIsSignedAndSaysWhatWasClicked() throws Exception {
    String ts = post("x", BUTTONS).path("ts").asText();

    Click click = slack.click("C0FRONT", ts, "visit_deny", "U0SAM", NINE);

    assertThat(click.body()).startsWith("payload=%7B%22type%22%3A%22block_actions%22");
    assertThat(click.headers()).containsEntry("X-Slack-Request-Timestamp", "1768467600");
    assertThat(click.headers().get("X-Slack-Signature")).matches("v0=[0-9a-f]{64}");
    assertThatThrownBy(() -> slack.click("C0FRONT", ts, "visit_dance", "U0SAM", NINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("visit_dance");
  }

  @Test
  void whoClickedCanBeToldFiveTimes() throws Exception {
    String ts = post("x", BUTTONS).path("ts").asText();
    slack.click("C0FRONT", ts, "visit_deny", "U0SAM", NINE);
    URI answers = slack.page().resolve("/actions/" + FakeSlack.TEAM + "/1/answers");
    HttpRequest told =
        HttpRequest.newBuilder(answers).POST(BodyPublishers.ofString("{\"text\":\"no\"}")).build();
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      statuses.add(http.send(told, BodyHandlers.ofString()).statusCode());
    }

    assertThat(statuses).containsExactly(200, 200, 200, 200, 200, 404);
    assertThat(slack.told()).hasSize(5).allMatch(each -> each.user().equals("U0SAM"));
  }

  // ---- pictures

  @Test
  void theTerminalShowsWhatTheChannelDoes() throws Exception {
    String ts = post("x", BUTTONS).path("ts").asText();
    call("chat.update", Map.of("channel", "C0FRONT", "ts", ts, "text", "x", "blocks", BUTTONS));
    now = NINE.plusSeconds(300);
    call(
        "chat.postMessage",
        Map.of("channel", "C0FRONT", "text", "Signed &amp; in", "thread_ts", ts));

    assertThat(slack.text("C0FRONT"))
        .isEqualTo(
            """
            # front-desk
              09:00  Review needed  (edited)
                     Visitor: Ada L. · Since 09:00 UTC
                     visit v-1
                     [ Approve ] [ Deny ]
                     └ 09:05  Signed & in
            """);
  }

  @Test
  void theTerminalIsNotGivenControlCharacters() throws Exception {
    JsonNode block =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "plain_text")
            .put("text", "a\u001b[31m\r\nb\u202Ec");
    post("x", section("[" + block + "]"));

    assertThat(slack.text())
        .doesNotContain("\u001b")
        .doesNotContain("\r")
        .doesNotContain("\u202E")
        .contains("a [31m  b c");
  }

  @Test
  void hostileTextStaysTextOnThePage() throws Exception {
    slack.channel("C0EVIL", HOSTILE).user("U0EVIL", HOSTILE, "evil@example.com");
    String text = JsonNodeFactory.instance.textNode(HOSTILE).toString();
    String plain = "{\"type\":\"plain_text\",\"text\":" + text + "}";
    String blocks =
        "[{\"type\":\"header\",\"text\":PLAIN},{\"type\":\"section\",\"text\":PLAIN,\"fields\":[PLAIN,"
            + "{\"type\":\"mrkdwn\",\"text\":\"<@U0EVIL> &lt;script&gt;\"}]},"
            + "{\"type\":\"context\",\"elements\":[PLAIN]},{\"type\":\"actions\",\"elements\":["
            + "{\"type\":\"button\",\"action_id\":\"a\",\"text\":PLAIN}]}]";
    String ts = post("&lt;script&gt;", blocks.replace("PLAIN", plain)).path("ts").asText();
    call(
        "chat.postMessage",
        Map.of("channel", "C0FRONT", "text", "&lt;script&gt;alert(2)", "thread_ts", ts));
    slack.write("C0FRONT", HOSTILE, null);

    HttpResponse<String> page =
        http.send(HttpRequest.newBuilder(slack.page()).build(), BodyHandlers.ofString());
    String html = page.body();

    assertThat(html).contains("&lt;script&gt;alert(1)").contains("&lt;script&gt;alert(2)");
    assertThat(html).doesNotContain("<script").doesNotContain("<img");
    assertThat(html).contains("http-equiv=\"Content-Security-Policy\"");
    assertThat(page.headers().firstValue("Content-Security-Policy"))
        .contains("default-src 'none'; style-src 'unsafe-inline'");
    assertThat(html).doesNotContainIgnoringCase("http://").doesNotContain("url(");
  }

  @Test
  void thePageShowsButtonsThatDoNothing() throws Exception {
    post("x", BUTTONS);

    assertThat(slack.html())
        .contains("<button disabled class=\"primary\">Approve</button>")
        .contains("<h3>Review needed</h3>")
        .contains("<b>Visitor</b>Ada L.")
        .contains("# front-desk")
        .contains("Thursday, 15 January 2026");
  }

  // ---- made here

  private List<JsonNode> history() throws Exception {
    List<JsonNode> all = new ArrayList<>();
    call("conversations.history", Map.of("channel", "C0FRONT")).path("messages").forEach(all::add);
    return all;
  }

  private JsonNode post(String text, String blocks) throws Exception {
    return call("chat.postMessage", Map.of("channel", "C0FRONT", "text", text, "blocks", blocks));
  }

  private JsonNode call(String method, Map<String, String> form) throws Exception {
    return Picture.JSON.readTree(send(method, form(form), "Bearer xoxb-test").body());
  }

  private static String error(HttpResponse<String> answer) throws IOException {
    return error(Picture.JSON.readTree(answer.body()));
  }

  private static String error(JsonNode answer) {
    assertThat(answer.path("ok").booleanValue()).isFalse();
    return answer.path("error").asText();
  }

  private static String form(Map<String, String> form) {
    return form.entrySet().stream()
        .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpResponse<String> send(String method, String body, @Nullable String authorization)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(slack.url().resolve(method)).POST(BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String list(String element, int times) {
    return "[" + String.join(",", Collections.nCopies(times, element)) + "]";
  }

  private static String section(String fields) {
    return "[{\"type\":\"section\",\"fields\":" + fields + "}]";
  }
}
