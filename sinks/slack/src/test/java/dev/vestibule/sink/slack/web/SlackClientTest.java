package dev.vestibule.sink.slack.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.Secret;
import dev.vestibule.events.EventType;
import dev.vestibule.fake.slack.Call;
import dev.vestibule.fake.slack.Click;
import dev.vestibule.fake.slack.FakeMessage;
import dev.vestibule.fake.slack.FakeSlack;
import dev.vestibule.fake.slack.FakeUser;
import dev.vestibule.fake.slack.FakeUser.Kind;
import dev.vestibule.fake.slack.Fault;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.Message;
import dev.vestibule.sink.slack.card.VisitCard;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.click.Interaction;
import dev.vestibule.sink.slack.click.Question.Clicker;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.message.Reply.Failed;
import dev.vestibule.sink.slack.message.Reply.Failure;
import dev.vestibule.sink.slack.message.Reply.Scope;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class SlackClientTest {
  private static final String TOKEN = "xoxb-not-a-real-token";
  private static final String SIGNING_SECRET = "not-a-real-signing-secret";
  private static final String CHANNEL = "C0FRONT";
  private static final String KEY = "k-1";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final SettableClock clock = new SettableClock(Visits.NINE);
  private FakeSlack slack;
  private SlackClient client;

  @BeforeEach
  void start() throws IOException {
    slack = FakeSlack.start(TOKEN, SIGNING_SECRET, clock).channel(CHANNEL, "front-desk");
    slack.user("U0SAM", "Sam Rivers", "sam@example.com");
    client = new SlackClient(slack.url(), new Secret(TOKEN), TIMEOUT);
  }

  @AfterEach
  void stop() {
    client.close();
    slack.close();
  }

  // ---- what arrives

  @Test
  void aPostArrivesWithExactlyItsParameters() {
    Message message = card(KEY, 1);

    Reply reply = client.carryOut(new Move.Post(message, 1), CHANNEL);

    FakeMessage there = only(CHANNEL);
    assertThat(reply).isEqualTo(new Reply.Done(CHANNEL, there.ts()));
    assertThat(slack.calls()).extracting(Call::method).containsExactly("chat.postMessage");
    assertThat(slack.calls().getFirst().form())
        .isEqualTo(message.post(CHANNEL))
        .containsEntry("parse", "none")
        .containsEntry("link_names", "false")
        .containsEntry("mrkdwn", "false");
    assertThat(there.text()).isEqualTo(message.text());
    assertThat(there.blocks()).hasToString(message.blocks().toString());
    assertThat(there.metadata()).hasToString(message.metadata().toString());
  }

  @Test
  void anUpdateArrivesWithExactlyItsParameters() {
    Reply.Done done = posted(card(KEY, 1));
    Message next = card(KEY, 2);

    Reply reply = client.carryOut(new Move.Update(CHANNEL, done.ts(), next, 2), "C0ELSEWHERE");

    assertThat(reply).isEqualTo(done);
    assertThat(slack.calls("chat.update").getFirst().form())
        .isEqualTo(next.update(CHANNEL, done.ts()))
        .containsEntry("parse", "none")
        .containsEntry("link_names", "false");
    assertThat(only(CHANNEL).edits()).isEqualTo(1);
    assertThat(only(CHANNEL).metadata()).hasToString(next.metadata().toString());
  }

  @Test
  void aReplyArrivesBelowItsMessageWithEachParameterOnce() {
    Reply.Done done = posted(card(KEY, 1));
    Message line = VisitCard.history(view(EventType.SIGNED_IN), KEY, 2);

    Reply reply =
        client.carryOut(new Move.Reply(CHANNEL, done.ts(), line, 2, false), "C0ELSEWHERE");

    assertThat(reply).isInstanceOf(Reply.Done.class);
    assertThat(only(CHANNEL).replies()).extracting(FakeMessage::text).containsExactly(line.text());
    assertThat(slack.calls().getLast().form()).isEqualTo(line.reply(CHANNEL, done.ts()));
  }

  @Test
  void anErasedMessageCanBeChangedAndDeleted() {
    Reply.Done done = posted(card(KEY, 1));
    Message erased = VisitCard.of(view(EventType.ERASED), KEY, 2);

    client.carryOut(new Move.Update(CHANNEL, done.ts(), erased, 2), CHANNEL);

    assertThat(only(CHANNEL).metadata()).isNull();
    assertThat(client.carryOut(new Move.Delete(CHANNEL, done.ts()), CHANNEL)).isEqualTo(done);
    assertThat(slack.messages(CHANNEL)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Zoë Ångström", "王小明", "👩‍🚀 Ada", "a&b=c%26+d ;", "<!channel> & Sons"})
  void textArrivesAsItWasWritten(String text) {
    Message message = new Message(Message.escaped(text), array(), metadata(KEY, 1));

    client.carryOut(new Move.Post(message, 1), CHANNEL);

    assertThat(only(CHANNEL).text()).isEqualTo(message.text());
  }

  @Test
  void aPersonGetsADirectMessageThatIsFoundAgain() {
    Reply.Done done = (Reply.Done) client.carryOut(new Move.Post(card(KEY, 3), 3), "U0SAM");
    assertThat(done.channel()).startsWith("D");

    assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE.minusSeconds(1)), "U0SAM"))
        .isEqualTo(new Reply.Found(done.channel(), done.ts(), 3));
    assertThat(
            client.carryOut(new Move.Update(done.channel(), done.ts(), card(KEY, 4), 4), "U0SAM"))
        .isEqualTo(done);
  }

  @Test
  void restIsNoCall() {
    assertThatThrownBy(() -> client.carryOut(new Move.Rest(null), CHANNEL))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(slack.calls()).isEmpty();
  }

  // ---- the history

  @Test
  void theHistoryIsReadPageByPage() {
    Reply.Done done = posted(card(KEY, 7));
    for (int i = 0; i < 450; i++) {
      slack.write(CHANNEL, "something else", null);
    }

    assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE.minusSeconds(1)), CHANNEL))
        .isEqualTo(new Reply.Found(CHANNEL, done.ts(), 7));
    assertThat(slack.calls("conversations.history"))
        .hasSize(3)
        .allSatisfy(call ->
            assertThat(call.form())
                .containsEntry("oldest", "1768467599.000000")
                .containsEntry("include_all_metadata", "true")
                .containsEntry("limit", "200"));
  }

  @Test
  void aMessageThatIsNotThereIsNotFound() {
    posted(card("k-other", 1));

    assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE.minusSeconds(1)), CHANNEL))
        .isEqualTo(new Reply.NotFound());
  }

  @Test
  void whatIsOlderIsNotFound() {
    posted(card(KEY, 1));

    assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE.plusSeconds(1)), CHANNEL))
        .isEqualTo(new Reply.NotFound());
  }

  @Test
  void ofTwoMessagesOfOneKeyTheOlderIsFoundEachTime() {
    Reply.Done first = posted(card(KEY, 1));
    posted(card(KEY, 2));

    for (int i = 0; i < 2; i++) {
      assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE.minusSeconds(1)), CHANNEL))
          .isEqualTo(new Reply.Found(CHANNEL, first.ts(), 1));
    }
  }

  @Test
  void aMessageOfSomebodyElseWithOurKeyIsNotOurs() {
    slack.write(CHANNEL, "mine now", metadata(KEY, 9));

    assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE.minusSeconds(1)), CHANNEL))
        .isEqualTo(new Reply.NotFound());
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing_scope", "not_in_channel"})
  void whereTheHistoryMustNotBeReadItGoesOnAndWarnsOnce(String code) {
    slack.always("conversations.history", Fault.error(code));
    List<ILoggingEvent> log =
        logged(() -> {
          for (int i = 0; i < 3; i++) {
            assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE), CHANNEL))
                .isEqualTo(new Reply.NotFound());
          }
        });

    assertThat(log.stream().filter(event -> event.getLevel() == Level.WARN))
        .singleElement()
        .satisfies(event -> assertThat(event.getMessage()).contains("may be posted twice"));
  }

  @Test
  void aLookThatFailsIsNotAnAnswer() {
    slack.next("conversations.history", Fault.drop());

    assertThat(client.carryOut(new Move.Find(KEY, Visits.NINE), CHANNEL))
        .isEqualTo(new Failed(Failure.NOT_NOW, Scope.SLACK, null, "no_answer"));
  }

  // ---- refusals

  static Stream<Object[]> codes() {
    List<Object[]> codes = new ArrayList<>();
    add(codes, Failure.NOT_NOW, Scope.METHOD, "ratelimited rate_limited");
    add(codes, Failure.NOT_NOW, Scope.TOKEN, "message_limit_exceeded");
    add(codes, Failure.NOT_NOW, Scope.SLACK, "service_unavailable team_added_to_org");
    add(codes, Failure.NOT_NOW, Scope.SLACK, "org_login_required");
    add(codes, Failure.NOT_NOW, Scope.MESSAGE, "request_timeout update_failed");
    add(codes, Failure.NOT_NOW, Scope.MESSAGE, "external_channel_migrating");
    add(codes, Failure.NOT_NOW, Scope.MESSAGE, "streaming_state_conflict");
    add(codes, Failure.AMBIGUOUS, Scope.MESSAGE, "internal_error fatal_error");
    add(codes, Failure.NOT_NOW, Scope.CHANNEL, "channel_not_found not_in_channel is_archived");
    add(codes, Failure.NOT_NOW, Scope.CHANNEL, "is_inactive ekm_access_denied no_permission");
    add(codes, Failure.NOT_NOW, Scope.CHANNEL, "restricted_action");
    add(codes, Failure.NOT_NOW, Scope.CHANNEL, "restricted_action_read_only_channel");
    add(codes, Failure.NOT_NOW, Scope.TOKEN, "not_authed invalid_auth account_inactive");
    add(codes, Failure.NOT_NOW, Scope.TOKEN, "token_revoked token_expired missing_scope");
    add(codes, Failure.NOT_NOW, Scope.TOKEN, "not_allowed_token_type team_access_not_granted");
    add(codes, Failure.NOT_NOW, Scope.TOKEN, "accesslimited two_factor_setup_required");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "invalid_blocks invalid_blocks_format");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "msg_too_long msg_blocks_too_long no_text");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "too_many_attachments invalid_arguments");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "invalid_arg_name invalid_post_type");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "invalid_charset metadata_too_large");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "invalid_metadata_format block_mismatch");
    add(codes, Failure.MALFORMED, Scope.MESSAGE, "invalid_metadata_schema");
    add(codes, Failure.DELETED, Scope.MESSAGE, "message_not_found");
    add(codes, Failure.NOT_EDITABLE, Scope.MESSAGE, "cant_update_message edit_window_closed");
    add(codes, Failure.REFUSED, Scope.MESSAGE, "something_new");
    return codes.stream();
  }

  private static void add(List<Object[]> all, Failure failure, Scope scope, String codes) {
    for (String code : codes.split(" ")) {
      all.add(new Object[] {code, failure, scope});
    }
  }

  @ParameterizedTest
  @MethodSource("codes")
  void eachCodeHasItsMeaning(String code, Failure failure, Scope scope) {
    Reply.Done done = posted(card(KEY, 1));
    slack.always("chat.postMessage", Fault.error(code));
    slack.always("chat.update", Fault.error(code));

    Failed post = failed(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL));
    Failed reply =
        failed(client.carryOut(new Move.Reply(CHANNEL, done.ts(), card(KEY, 1), 1, true), CHANNEL));
    Failed update =
        failed(client.carryOut(new Move.Update(CHANNEL, done.ts(), card(KEY, 2), 2), CHANNEL));

    assertThat(post.failure()).isEqualTo(failure);
    assertThat(reply).isEqualTo(post);
    assertThat(update.failure())
        .isEqualTo(failure == Failure.AMBIGUOUS ? Failure.NOT_NOW : failure);
    assertThat(List.of(post, update)).extracting(Failed::scope).containsOnly(scope);
    assertThat(List.of(post, update)).extracting(Failed::code).containsOnly(code);
  }

  @Test
  void aLimitSaysHowLongSlackIsToBeLeftAlone() {
    slack.next("chat.postMessage", Fault.limited(Duration.ofSeconds(17)));

    assertThat(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL))
        .isEqualTo(
            new Failed(Failure.NOT_NOW, Scope.METHOD, Duration.ofSeconds(17), "ratelimited"));
  }

  @Test
  void limitsWithoutATimeAreLeftAloneForSomeOfOurs() {
    slack.next("chat.postMessage", Fault.error("ratelimited"));
    slack.next("chat.postMessage", Fault.error("message_limit_exceeded"));

    assertThat(failed(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL)).after())
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(failed(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL)).after())
        .isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void aChannelHasItsPace() {
    slack.limits(true);
    List<Reply> replies = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      replies.add(client.carryOut(new Move.Post(card("k-" + i, 1), 1), CHANNEL));
    }

    assertThat(replies.subList(0, 5)).hasOnlyElementsOfType(Reply.Done.class);
    assertThat(failed(replies.get(5)).after()).isEqualTo(Duration.ofSeconds(1));
    clock.advance(Duration.ofSeconds(1));
    assertThat(client.carryOut(new Move.Post(card("k-6", 1), 1), CHANNEL))
        .isInstanceOf(Reply.Done.class);
  }

  @Test
  void whatSlackDoesNotTakeIsMalformed() {
    ObjectNode header = JsonNodeFactory.instance.objectNode().put("type", "header");
    header.putObject("text").put("type", "plain_text").put("text", "x".repeat(151));

    Reply reply =
        client.carryOut(
            new Move.Post(new Message("x", array().add(header), metadata(KEY, 1)), 1), CHANNEL);

    assertThat(reply)
        .isEqualTo(new Failed(Failure.MALFORMED, Scope.MESSAGE, null, "invalid_blocks"));
  }

  @Test
  void theWorkspaceSaysWhatCannotBe() {
    Reply.Done done = posted(card(KEY, 1));
    Move update = new Move.Update(CHANNEL, done.ts(), card(KEY, 2), 2);
    slack.editable(false);
    assertThat(failed(client.carryOut(update, CHANNEL)).failure()).isEqualTo(Failure.NOT_EDITABLE);
    slack.editable(true).remove(CHANNEL, done.ts());
    assertThat(failed(client.carryOut(update, CHANNEL)).failure()).isEqualTo(Failure.DELETED);
    slack.archived(CHANNEL, true);
    assertThat(failed(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL)).scope())
        .isEqualTo(Scope.CHANNEL);
    slack.revoked(true);
    assertThat(failed(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL)).code())
        .isEqualTo("token_revoked");
  }

  // ---- mishaps

  static Stream<Object[]> mishaps() {
    return Stream.of(
            new Object[] {Fault.drop(), "no_answer", Scope.SLACK},
            new Object[] {Fault.status(500), "http_500", Scope.SLACK},
            new Object[] {Fault.status(503), "http_503", Scope.SLACK},
            new Object[] {Fault.body("<html>sign in</html>"), "unreadable", Scope.SLACK},
            new Object[] {Fault.body(""), "unreadable", Scope.SLACK},
            new Object[] {Fault.body("{}"), "unreadable", Scope.SLACK},
            new Object[] {Fault.body("{\"ok\":\"yes\"}"), "unreadable", Scope.SLACK},
            new Object[] {Fault.body("{\"ok\":false}"), "unreadable", Scope.SLACK},
            new Object[] {Fault.body("{\"ok\":true}"), "unreadable", Scope.SLACK},
            new Object[] {Fault.error("fatal_error"), "fatal_error", Scope.MESSAGE})
        .flatMap(each -> {
          Fault fault = (Fault) each[0];
          return Stream.of(each, new Object[] {fault.afterDoing(), each[1], each[2]});
        });
  }

  /** Whether it was done or not, the answer is the same; only looking tells. */
  @ParameterizedTest
  @MethodSource("mishaps")
  void whatMayHaveBeenPostedIsAmbiguousAndCanBeLookedFor(Fault fault, String code, Scope scope) {
    slack.next("chat.postMessage", fault);

    Reply reply = client.carryOut(new Move.Post(card(KEY, 5), 5), CHANNEL);

    assertThat(reply).isEqualTo(new Failed(Failure.AMBIGUOUS, scope, null, code));
    assertThat(slack.calls("chat.postMessage")).hasSize(1);
    Reply found = client.carryOut(new Move.Find(KEY, Visits.NINE.minusSeconds(1)), CHANNEL);
    assertThat(found)
        .isEqualTo(
            fault.done() ? new Reply.Found(CHANNEL, only(CHANNEL).ts(), 5) : new Reply.NotFound());
  }

  @ParameterizedTest
  @MethodSource("mishaps")
  void anUpdateIsNeverAmbiguous(Fault fault, String code, Scope scope) {
    Reply.Done done = posted(card(KEY, 1));
    slack.next("chat.update", fault);
    Move update = new Move.Update(CHANNEL, done.ts(), card(KEY, 2), 2);

    assertThat(client.carryOut(update, CHANNEL))
        .isEqualTo(new Failed(Failure.NOT_NOW, scope, null, code));
    assertThat(client.carryOut(update, CHANNEL)).isEqualTo(done);
    assertThat(slack.messages(CHANNEL)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallThatTakesTooLongIsAmbiguous(boolean done) {
    slack.next("chat.postMessage", done ? Fault.hang().afterDoing() : Fault.hang());
    try (SlackClient hasty = client(Duration.ofMillis(300))) {
      assertThat(hasty.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL))
          .isEqualTo(new Failed(Failure.AMBIGUOUS, Scope.SLACK, null, "no_answer"));
    }
    assertThat(slack.messages(CHANNEL)).hasSize(done ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "400,MALFORMED,MESSAGE",
    "413,MALFORMED,MESSAGE",
    "302,NOT_NOW,SLACK",
    "404,NOT_NOW,SLACK"
  })
  void whatStandsBetweenCannotHavePosted(int status, Failure failure, Scope scope) {
    slack.next("chat.postMessage", Fault.status(status));

    assertThat(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL))
        .isEqualTo(new Failed(failure, scope, null, "http_" + status));
    assertThat(slack.calls("chat.postMessage")).hasSize(1);
  }

  /** OkHttp would send it again by itself. */
  @Test
  void anInvitationToTryAgainAtOnceIsNotFollowed() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      List<String> requests = new CopyOnWriteArrayList<>();
      Thread thread =
          Thread.ofVirtual().start(() -> answering(server, requests, "503 Away\r\nRetry-After: 0"));
      try (SlackClient there = client(server.getLocalPort())) {
        assertThat(there.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL))
            .isEqualTo(new Failed(Failure.AMBIGUOUS, Scope.SLACK, Duration.ZERO, "http_503"));
      }
      assertThat(requests).hasSize(1);
      thread.interrupt();
    }
  }

  @Test
  void whereNobodyListensNothingWasSent() throws IOException {
    int port;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
    }
    try (SlackClient there = client(port)) {
      assertThat(there.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL))
          .isEqualTo(new Failed(Failure.NOT_NOW, Scope.SLACK, null, "not_sent"));
    }
  }

  @Test
  void whereTheHostIsUnknownNothingWasSent() {
    URI nowhere = URI.create("https://slack.invalid/api/");
    try (SlackClient there = new SlackClient(nowhere, new Secret(TOKEN), TIMEOUT)) {
      assertThat(failed(there.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL)))
          .isEqualTo(new Failed(Failure.NOT_NOW, Scope.SLACK, null, "not_sent"));
    }
  }

  private static void answering(ServerSocket server, List<String> requests, String answer) {
    try {
      while (true) {
        try (Socket socket = server.accept()) {
          byte[] start = new byte[4];
          if (socket.getInputStream().readNBytes(start, 0, 4) == 4) {
            requests.add(new String(start, StandardCharsets.US_ASCII));
            socket
                .getOutputStream()
                .write(
                    ("HTTP/1.1 " + answer + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
          }
        }
      }
    } catch (IOException e) {
      // the server was closed
    }
  }

  // ---- people

  @Test
  void somebodyIsFoundByEmail() {
    assertThat(client.userByEmail("sam@example.com")).isEqualTo(new Lookup.Known<>("U0SAM"));
    assertThat(client.userByEmail("nobody@example.com")).isEqualTo(new Lookup.Unknown<String>());
    slack.next("users.lookupByEmail", Fault.limited(Duration.ofSeconds(3)));
    assertThat(client.userByEmail("sam@example.com"))
        .isEqualTo(
            new Lookup.Failed<String>(
                new Failed(Failure.NOT_NOW, Scope.METHOD, Duration.ofSeconds(3), "ratelimited")));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"DELETED", "BOT", "STRANGER"})
  void whoIsGoneOrForeignGetsNoMessage(Kind kind) {
    slack.user(new FakeUser("U0KIM", "Kim", "kim@example.com", FakeSlack.TEAM, kind));

    assertThat(client.userByEmail("kim@example.com")).isEqualTo(new Lookup.Unknown<String>());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void onlyMembersAreNoGuests(Kind kind) {
    slack.user(new FakeUser("U0KIM", "Kim", null, FakeSlack.TEAM, kind));

    assertThat(client.clicker("U0KIM"))
        .isEqualTo(new Lookup.Known<>(new Clicker(kind != Kind.MEMBER, Set.of())));
  }

  @Test
  void membersOfOtherWorkspacesAreGuests() {
    slack.user(new FakeUser("U0KIM", "Kim", null, "T0OTHER", Kind.MEMBER));

    assertThat(client.clicker("U0KIM")).isEqualTo(new Lookup.Known<>(new Clicker(true, Set.of())));
    assertThat(client.clicker("U0NOBODY")).isEqualTo(new Lookup.Unknown<Clicker>());
  }

  @Test
  void whatSlackDoesNotSayOfSomebodyMakesAGuest() {
    slack.next(
        "users.info",
        Fault.body("{\"ok\":true,\"user\":{\"id\":\"U0SAM\",\"team_id\":\"T0VESTIBULE\"}}"));

    assertThat(client.clicker("U0SAM")).isEqualTo(new Lookup.Known<>(new Clicker(true, Set.of())));
  }

  @Test
  void groupsAndTheWorkspaceAreKnown() {
    slack.group("S0GUARDS", Set.of("U0SAM", "U0KIM"));

    assertThat(client.members("S0GUARDS")).isEqualTo(new Lookup.Known<>(Set.of("U0SAM", "U0KIM")));
    assertThat(client.members("S0NOBODY")).isEqualTo(new Lookup.Unknown<Set<String>>());
    assertThat(client.team()).isEqualTo(new Lookup.Known<>(FakeSlack.TEAM));
    slack.revoked(true);
    assertThat(client.team())
        .isEqualTo(
            new Lookup.Failed<String>(
                new Failed(Failure.NOT_NOW, Scope.TOKEN, null, "token_revoked")));
  }

  // ---- clicks

  @Test
  void whoClickedIsToldAlone() {
    Message message =
        VisitCard.of(
            view(EventType.REVIEW_REQUIRED)
                .asking(
                    new Asked.Pending(
                        1, "v1.0123456789abcdef", true, null, Visits.NINE.plusSeconds(900))),
            KEY,
            1);
    Reply.Done done = posted(message);
    Click click =
        slack.click(CHANNEL, done.ts(), VisitCard.APPROVE, "U0SAM", Visits.NINE.plusSeconds(60));

    Interaction.Clicked clicked = (Interaction.Clicked) interaction(click);
    assertThat(clicked.answer().approve()).isTrue();
    assertThat(clicked.answer().token()).isEqualTo("v1.0123456789abcdef");
    assertThat(clicked.answer().channel()).isEqualTo(CHANNEL);
    assertThat(clicked.answer().messageTs()).isEqualTo(done.ts());
    assertThat(clicked.answer().app()).isEqualTo(FakeSlack.APP);
    assertThat(clicked.answer().team()).isEqualTo(FakeSlack.TEAM);

    client.tell(Objects.requireNonNull(clicked.answer().responseUrl()), "Too late, <!here> & all");

    FakeSlack.Told told = slack.told().getFirst();
    assertThat(told.user()).isEqualTo("U0SAM");
    assertThat(told.message().path("text").asText()).isEqualTo("Too late, &lt;!here&gt; &amp; all");
    assertThat(told.message().path("response_type").asText()).isEqualTo("ephemeral");
    assertThat(told.message().path("replace_original").booleanValue()).isFalse();
  }

  private static Interaction interaction(Click click) {
    return Interaction.of(click.bytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://hooks.slack.com.example.com/actions/1",
        "http://hooks.slack.com/actions/1",
        "https://hooks.slack.com:444/actions/1",
        "https://me@hooks.slack.com/actions/1",
        "http://127.0.0.1:9/actions/1"
      })
  void nobodyElseIsTold(String url) {
    List<ILoggingEvent> log = logged(() -> client.tell(URI.create(url), "no"));

    assertThat(log)
        .anySatisfy(event -> assertThat(event.getMessage()).contains("its address is not Slack's"));
  }

  @Test
  void anAnswerThatDoesNotArriveIsNoFailure() {
    List<ILoggingEvent> log =
        logged(() -> client.tell(URI.create("https://hooks.slack.com/actions/old"), "late"));

    assertThat(log).anySatisfy(event -> assertThat(event.getMessage()).contains("did not arrive"));
  }

  // ---- settings and secrets

  @ParameterizedTest
  @ValueSource(
      strings = {"http://slack.com/api/", "ftp://slack.com/", "https://a@slack.com/", "/api/"})
  void anAddressThatWouldGiveTheTokenAwayIsRefused(String url) {
    assertThatThrownBy(() -> new SlackClient(URI.create(url), new Secret(TOKEN), TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("api-url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"xoxb-1\n", "xoxb 1", "xoxb-ü"})
  void aTokenThatCannotBeSentIsRefusedWithoutBeingSaid(String token) {
    assertThatThrownBy(() -> new SlackClient(slack.url(), new Secret(token), TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token")
        .hasMessageNotContaining("xoxb");
  }

  @Test
  void neitherTokenNorTextIsLogged() {
    List<ILoggingEvent> log =
        logged(() -> {
          Reply.Done done = posted(card(KEY, 1));
          client.carryOut(new Move.Update(CHANNEL, done.ts(), card(KEY, 2), 2), CHANNEL);
          client.carryOut(new Move.Find(KEY, Visits.NINE), CHANNEL);
          client.userByEmail("sam@example.com");
          slack.next("chat.postMessage", Fault.drop());
          client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL);
          slack.next("chat.postMessage", Fault.body("{\"error\":\"Ada L.\"}"));
          client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL);
          slack.next("chat.postMessage", Fault.error("Ada L."));
          assertThat(failed(client.carryOut(new Move.Post(card(KEY, 1), 1), CHANNEL)).code())
              .isEqualTo("unreadable");
          client.tell(URI.create("https://hooks.slack.com/actions/secret-path"), "Ada L.");
        });

    assertThat(slack.calls()).hasSizeGreaterThan(5);
    assertThat(log)
        .extracting(event ->
            event.getFormattedMessage() + event.getKeyValuePairs() + event.getThrowableProxy())
        .noneMatch(line ->
            line.contains("xoxb")
                || line.contains("Ada")
                || line.contains("sam@example.com")
                || line.contains("secret-path"));
  }

  @Test
  void threadsEndWithTheClient() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (SlackClient other = client(TIMEOUT)) {
      assertThat(other.team()).isInstanceOf(Lookup.Known.class);
    }

    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> !before.contains(thread) && !thread.isDaemon())
        .isEmpty();
  }

  // ---- made here

  private SlackClient client(Duration timeout) {
    return new SlackClient(slack.url(), new Secret(TOKEN), timeout);
  }

  private static SlackClient client(int port) {
    return new SlackClient(
        URI.create("http://127.0.0.1:" + port + "/api"), new Secret(TOKEN), TIMEOUT);
  }

  private static VisitView view(EventType type) {
    return Objects.requireNonNull(VisitView.of(Visits.event(type, 0)));
  }

  private static Message card(String key, long sequence) {
    return VisitCard.of(view(EventType.SIGNED_IN), key, sequence);
  }

  private static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  private static ObjectNode metadata(String key, long sequence) {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("event_type", "visit_notice");
    metadata.putObject("event_payload").put("key", key).put("seq", sequence);
    return metadata;
  }

  private Reply.Done posted(Message message) {
    return (Reply.Done) client.carryOut(new Move.Post(message, 1), CHANNEL);
  }

  private static Failed failed(Reply reply) {
    assertThat(reply).isInstanceOf(Failed.class);
    return (Failed) reply;
  }

  private FakeMessage only(String channel) {
    assertThat(slack.messages(channel)).hasSize(1);
    return slack.messages(channel).getFirst();
  }

  private static List<ILoggingEvent> logged(Runnable during) {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = Objects.requireNonNull(root.getLevel());
    ListAppender<ILoggingEvent> all = new ListAppender<>();
    all.start();
    root.addAppender(all);
    root.setLevel(Level.TRACE);
    try {
      during.run();
      return List.copyOf(all.list);
    } finally {
      root.setLevel(before);
      root.detachAppender(all);
    }
  }
}
