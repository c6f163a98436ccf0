package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.ingress.publish.PublishException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookHttpTest {
  private static final int ROOM_OF_A_REQUEST = 16 * 1024;
  private static final byte[] BODY =
      Signed.utf8("{\"event\":\"entry_sign_in\",\"payload\":{\"id\":\"19\"}}");

  @Test
  void durableRequestGetsEmptyObjectAndReceipt() {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      // When
      HttpResponse<String> response =
          ingress.post("/hooks/hq-envoy", BODY, "X-Envoy-Signature", Signed.base64(BODY));

      // Then
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("{}");
      assertThat(response.headers().firstValue("Vestibule-Receipt"))
          .contains("visitor.raw.envoy-3@0");
      assertThat(ingress.publisher.only().value()).isEqualTo(BODY);
      assertThat(ingress.publisher.only().key()).isEqualTo("hq:19");
      assertThat(ingress.count("received", "source", "hq-envoy")).isEqualTo(1);
      assertThat(ingress.count("published", "source", "hq-envoy")).isEqualTo(1);
    }
  }

  @Test
  void forgedRequestGets401AndIsNotStored() {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      HttpResponse<String> response =
          ingress.post("/hooks/hq-envoy", BODY, "X-Envoy-Signature", Signed.base64(new byte[1]));

      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.body()).isEqualTo("{}");
      assertThat(ingress.publisher.records()).isEmpty();
      assertThat(ingress.count("rejected", "source", "hq-envoy", "reason", "signature_mismatch"))
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/hooks/unknown",
        "/hooks/unknown/key/k",
        "/hooks",
        "/",
        "/hooks/hq-envoy/nothing",
        "/hooks/hq-envoy/key/a/b"
      })
  void unknownPathGets404(String path) {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      HttpResponse<String> response =
          ingress.post(path, BODY, "X-Envoy-Signature", Signed.base64(BODY));

      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(response.body()).isEqualTo("{}");
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/octet-stream",
        "nonsense",
        ";;;",
        "a/b/c; =",
        "application/json, text/plain"
      })
  void everyContentTypeIsTakenAsBytes(String contentType) {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      HttpResponse<String> response =
          ingress.post(
              "/hooks/hq-envoy",
              BODY,
              "X-Envoy-Signature",
              Signed.base64(BODY),
              "Content-Type",
              contentType,
              "Accept",
              "image/png",
              "Origin",
              "https://elsewhere.example");

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(ingress.publisher.only().value()).isEqualTo(BODY);
      assertThat(ingress.publisher.only().headers()).containsEntry("content-type", contentType);
    }
  }

  @Test
  void emptyBodyIsJudgedByItsSignature() {
    try (Ingress ingress = Ingress.with(Signed.curacel())) {
      byte[] empty = new byte[0];
      assertThat(
              ingress
                  .post("/hooks/clinics", empty, "x-curacel-signature", Signed.hex(empty))
                  .statusCode())
          .isEqualTo(200);
      assertThat(ingress.post("/hooks/clinics", empty).statusCode()).isEqualTo(401);
      assertThat(ingress.publisher.only().value()).isEmpty();
    }
  }

  @Test
  void bodyOfExactlyTheLimitTravelsAndOneByteMoreDoesNot() {
    try (Ingress ingress = Ingress.with(Signed.curacel())) {
      byte[] exact = new byte[SourceConfig.DEFAULT_MAX_BODY_BYTES];
      new Random(7).nextBytes(exact);
      byte[] over = Arrays.copyOf(exact, exact.length + 1);

      assertThat(
              ingress
                  .post("/hooks/clinics", exact, "x-curacel-signature", Signed.hex(exact))
                  .statusCode())
          .isEqualTo(200);
      HttpResponse<String> refused =
          ingress.post("/hooks/clinics", over, "x-curacel-signature", Signed.hex(over));

      assertThat(refused.statusCode()).isEqualTo(413);
      assertThat(refused.body()).isEqualTo("{}");
      assertThat(ingress.publisher.only().value()).isEqualTo(exact);
      assertThat(ingress.count("rejected", "reason", "too_large")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void chunkedBodyOverTheLimitIsAnsweredOnceItIsSent(int mebibytes) throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(
          "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
              + "X-Envoy-Signature: "
              + Signed.base64(BODY)
              + "\r\n\r\n");
      byte[] chunk = new byte[64 * 1024];
      for (int sent = 0; sent <= mebibytes * 1024 * 1024; sent += chunk.length) {
        connection.sendChunk(chunk);
      }
      connection.send("0\r\n\r\n");

      RawConnection.Response response = connection.read();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.body()).isEqualTo("{}");

      // The connection is still good for the next request.
      connection
          .send(
              "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: "
                  + BODY.length
                  + "\r\nX-Envoy-Signature: "
                  + Signed.base64(BODY)
                  + "\r\n\r\n")
          .send(BODY);
      assertThat(connection.read().status()).isEqualTo(200);
    }
  }

  @Test
  void announcedBodyOverTheLimitIsAnsweredToASenderThatReadsLast() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      byte[] body = new byte[8 * 1024 * 1024];
      connection
          .send(
              "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
          .send(body);

      assertThat(connection.read().status()).isEqualTo(413);
    }
  }

  @Test
  void senderThatAsksFirstIsToldToContinueOrNot() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      try (RawConnection connection = new RawConnection(ingress.port())) {
        connection.send(
            "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
                + BODY.length
                + "\r\nX-Envoy-Signature: "
                + Signed.base64(BODY)
                + "\r\n\r\n");
        assertThat(connection.read().status()).isEqualTo(100);
        connection.send(BODY);
        assertThat(connection.read().status()).isEqualTo(200);
      }
      try (RawConnection connection = new RawConnection(ingress.port())) {
        connection.send(
            "POST /hooks/hq-envoy HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
        assertThat(connection.read().status()).isEqualTo(413);
        assertThat(connection.ended()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"good-then-bad", "bad-then-good", "good-twice"})
  void doubledSignatureHeaderIsRefused(String order) throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      String good = "X-Envoy-Signature: " + Signed.base64(BODY) + "\r\n";
      String bad = "x-envoy-signature: " + Signed.base64(new byte[1]) + "\r\n";
      String headers =
          switch (order) {
            case "good-then-bad" -> good + bad;
            case "bad-then-good" -> bad + good;
            default -> good + good;
          };
      connection
          .send(
              "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\n"
                  + headers
                  + "Content-Length: "
                  + BODY.length
                  + "\r\n\r\n")
          .send(BODY);

      assertThat(connection.read().status()).isEqualTo(401);
      assertThat(ingress.count("rejected", "reason", "duplicate_header")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /hooks/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /hooks/hq-envoy/key/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /hooks/a b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nX Bad: 1\r\nContent-Length: 0\r\n\r\n",
        "POST /hooks/hq-envoy HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST //hooks//hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /hooks/../admin HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "GET /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "OPTIONS /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\n\r\n",
        "BREW /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n"
      })
  void brokenHttpIsRefusedButNeverWith400Or412Or5xx(String request) throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(request);

      assertThat(connection.read().status()).isIn(401, 404, 405, 413);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TIMEOUT", "CLOSED", "REFUSED"})
  void notDurableGets503AndWhenToComeBack(String reason) {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      ingress.publisher.failWith(PublishException.Reason.valueOf(reason));

      HttpResponse<String> response =
          ingress.post("/hooks/hq-envoy", BODY, "X-Envoy-Signature", Signed.base64(BODY));

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).isEqualTo("{}");
      assertThat(response.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(5L, 10L);
      assertThat(ingress.count("unavailable", "reason", reason.toLowerCase(java.util.Locale.ROOT)))
          .isEqualTo(1);
    }
  }

  @Test
  void recordThatNoTopicCanHoldGets413() {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      ingress.publisher.failWith(PublishException.Reason.TOO_LARGE);

      assertThat(
              ingress
                  .post("/hooks/hq-envoy", BODY, "X-Envoy-Signature", Signed.base64(BODY))
                  .statusCode())
          .isEqualTo(413);
    }
  }

  @Test
  void publisherThatNeverAnswersStillGets503WithinFiveSeconds() {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      ingress.publisher.neverAnswer();
      long start = System.nanoTime();

      int status =
          ingress
              .post("/hooks/hq-envoy", BODY, "X-Envoy-Signature", Signed.base64(BODY))
              .statusCode();

      assertThat(status).isEqualTo(503);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(ingress.count("unavailable", "reason", "timeout")).isEqualTo(1);
    }
  }

  @Test
  void requestThatFindsNoRoomAtAllGets503WhateverItsBody() {
    try (Ingress ingress = Ingress.withPendingBytes(ROOM_OF_A_REQUEST - 1, Signed.curacel())) {
      byte[] empty = new byte[0];

      assertThat(
              ingress
                  .post("/hooks/clinics", empty, "x-curacel-signature", Signed.hex(empty))
                  .statusCode())
          .isEqualTo(503);
      assertThat(ingress.count("unavailable", "reason", "pending_bytes")).isEqualTo(1);
    }
  }

  @Test
  void bodiesOverThePendingBoundGet503AndGiveTheirRoomBack() {
    try (Ingress ingress = Ingress.withPendingBytes(ROOM_OF_A_REQUEST + 1000, Signed.curacel())) {
      byte[] large = new byte[1001];
      byte[] small = new byte[1000];

      HttpResponse<String> refused =
          ingress.post("/hooks/clinics", large, "x-curacel-signature", Signed.hex(large));
      HttpResponse<String> accepted =
          ingress.post("/hooks/clinics", small, "x-curacel-signature", Signed.hex(small));

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(accepted.statusCode()).isEqualTo(200);
      assertThat(ingress.count("unavailable", "reason", "pending_bytes")).isEqualTo(1);
      assertThat(ingress.meters.get("vestibule.ingress.pending.bytes").gauge().value()).isZero();
    }
  }

  @Test
  void connectionIsKeptForTheNextRequest() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      for (String signature : List.of(Signed.base64(BODY), "bad", Signed.base64(BODY))) {
        connection
            .send(
                "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + BODY.length
                    + "\r\nX-Envoy-Signature: "
                    + signature
                    + "\r\n\r\n")
            .send(BODY);
        assertThat(connection.read().status()).isEqualTo(signature.equals("bad") ? 401 : 200);
      }
      assertThat(ingress.publisher.records()).hasSize(2);
    }
  }
}
