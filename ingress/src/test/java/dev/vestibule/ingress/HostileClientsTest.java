package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.vestibule.config.ConnectionLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that want to harm, or do not know better: the real server gives each its measure. */
class HostileClientsTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final byte[] BODY = Signed.utf8("{\"payload\":{\"id\":\"19\"}}");
  private static final int IDLE_CONNECTIONS = 10_000;

  /** What a build has open besides. */
  private static final int RESERVED_FILES = 1_000;

  @Test
  void headersThatComeInDripsAreCutOff() throws IOException {
    ConnectionLimits limits = limits(100, LONG, Duration.ofMillis(700), 1000, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send("POST /hooks/hq-envoy HTTP/1.1\r\n");

      dripUntilCutOff(connection, "X-A: b\r\n");

      assertThat(ingress.count("connections.cut", "reason", "request_timeout")).isEqualTo(1);
      assertServes(ingress);
    }
  }

  @Test
  void theNextHeadersOnAGoodConnectionAreTimedToo() throws IOException {
    ConnectionLimits limits = limits(100, LONG, Duration.ofMillis(700), 1000, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(request());
      assertThat(connection.read().status()).isEqualTo(200);
      connection.send("POST /hooks/hq-envoy HTTP/1.1\r\n");

      dripUntilCutOff(connection, "X-A: b\r\n");

      assertThat(ingress.count("connections.cut", "reason", "request_timeout")).isEqualTo(1);
    }
  }

  @Test
  void aBodyThatComesInDripsIsCutOffAndGivesItsRoomBack() throws IOException {
    ConnectionLimits limits = limits(100, LONG, Duration.ofMillis(700), 1000, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(
          "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");

      dripUntilCutOff(connection, "1\r\nx\r\n");

      assertThat(ingress.count("connections.cut", "reason", "request_timeout")).isEqualTo(1);
      await().until(() -> pendingBytes(ingress) == 0);
      assertThat(ingress.count("rejected", "reason", "incomplete_body")).isEqualTo(1);
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  @Test
  void aSenderThatBreaksOffGivesItsRoomBack() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      try (RawConnection connection = new RawConnection(ingress.port())) {
        connection.send(
            "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nxxx");
        await().until(() -> pendingBytes(ingress) > 0);
      }

      await().until(() -> pendingBytes(ingress) == 0);
      await().until(() -> connections(ingress) == 0);
    }
  }

  @Test
  void aSilentConnectionIsClosed() throws IOException {
    ConnectionLimits limits = limits(100, Duration.ofSeconds(1), LONG, 1000, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection silent = new RawConnection(ingress.port());
        RawConnection used = new RawConnection(ingress.port())) {
      used.send(request());
      assertThat(used.read().status()).isEqualTo(200);

      assertThat(silent.ended()).isTrue();
      assertThat(used.ended()).isTrue();
      await().until(() -> connections(ingress) == 0);
    }
  }

  /** Both ends are in this process: all of the clients', and those that the server lets live. */
  @Test
  void tenThousandIdleConnectionsShutNobodyOut() throws IOException {
    int max = ConnectionLimits.DEFAULT.max();
    int wanted = Math.min(IDLE_CONNECTIONS, openFiles() - max - RESERVED_FILES);
    System.out.println("hostile clients: " + wanted + " idle connections, at most " + max);
    assertThat(wanted).as("open files that are allowed (ulimit -n)").isGreaterThan(max);
    ConnectionLimits limits = limits(max, LONG, LONG, 1000, 16);
    List<RawConnection> idle = new ArrayList<>();
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy())) {
      try (RawConnection steady = new RawConnection(ingress.port())) {
        for (int count = 0; count < wanted; count++) {
          idle.add(new RawConnection(ingress.port()));
          if (count % 100 == 0) {
            // Who goes on sending is never the one that was waited for the longest.
            steady.send(request());
            assertThat(steady.read().status()).isEqualTo(200);
          }
        }

        await()
            .until(() ->
                ingress.count("connections.cut", "reason", "max_connections") > wanted - max
                    && connections(ingress) <= max);
        assertServes(ingress);
        steady.send(request());
        assertThat(steady.read().status()).isEqualTo(200);
        assertThat(idle.getFirst().ended()).isTrue();
        assertThat(idle.getLast().endedByNow()).isFalse();
      } finally {
        for (RawConnection connection : idle) {
          connection.close();
        }
      }
      await().until(() -> connections(ingress) == 0);
    }
  }

  @Test
  void thoseWhoAreStillSendingMakeRoomAndThoseWhoWaitForAnAnswerDoNot() throws IOException {
    ConnectionLimits limits = limits(2, LONG, LONG, 1000, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy())) {
      ingress.publisher.neverAnswer();
      try (RawConnection waits = new RawConnection(ingress.port());
          RawConnection drips = new RawConnection(ingress.port())) {
        drips.send("POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx");
        await().until(() -> pendingBytes(ingress) > 0);
        waits.send(request());
        await().until(() -> ingress.count("accepted") == 1);

        try (RawConnection third = new RawConnection(ingress.port())) {
          assertThat(drips.ended()).isTrue();
          third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
          assertThat(third.read().status()).isEqualTo(404);
        }
        assertThat(waits.read().status()).isEqualTo(503);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9_000, 17_000, 1_000_000})
  void hugeHeadersAreRefusedAndTheConnectionEnds(int length) throws IOException {
    ConnectionLimits limits = new ConnectionLimits(100, LONG, LONG, 8 * 1024, 1000, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.sendAsFarAsWanted(request("X-Filler: " + "a".repeat(length) + "\r\n"));

      assertThat(connection.statuses()).isIn(List.of(413), List.of());
      assertThat(ingress.publisher.records()).isEmpty();
      assertServes(ingress);
    }
  }

  @Test
  void manySmallHeadersAreBoundedTogether() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.sendAsFarAsWanted(request("X: y\r\n".repeat(5_000)));

      assertThat(connection.statuses()).isIn(List.of(413), List.of());
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  /** Each hides a second, good request, which a sloppy reader would find. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-A: b\rInjected: c\r\nContent-Length: 0",
        "X-A: b\0c\r\nContent-Length: 0",
        "X-A\0: b\r\nContent-Length: 0",
        "X-A : b\r\nContent-Length: 0",
        ": b\r\nContent-Length: 0",
        "X A: b\r\nContent-Length: 0",
        "Content-Length: 0\r\nContent-Length: 5",
        "Content-Length: 0, 5",
        "Content-Length: -1",
        "Content-Length: +0",
        "Content-Length: 0x0",
        "Content-Length: 99999999999999999999",
        "Content-Length : 5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding:\u000bchunked"
      })
  void whatIsNoHeaderEndsTheConnectionAndNothingBehindItIsRead(String injected) throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.sendAsFarAsWanted(
          "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\n" + injected + "\r\n\r\n" + request());

      assertThat(connection.statuses()).hasSize(1).isSubsetOf(401, 404, 413);
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  @Test
  void headersOfOursThatAStrangerSendsStayOutside() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(
          request(
              """
              request-id: 00000000-0000-0000-0000-000000000000\r
              source: gate\r
              account: other\r
              received-at: 1999-01-01T00:00:00Z\r
              spool-receipt: spool-gate@1\r
              Vestibule-Receipt: visitor.raw.envoy-0@0\r
              """));

      RawConnection.Response answer = connection.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers()).containsEntry("vestibule-receipt", "visitor.raw.envoy-3@0");
      assertThat(ingress.publisher.only().headers())
          .containsEntry("source", "hq-envoy")
          .containsEntry("account", "hq")
          .doesNotContainEntry("request-id", "00000000-0000-0000-0000-000000000000")
          .doesNotContainEntry("received-at", "1999-01-01T00:00:00Z")
          .doesNotContainKey("spool-receipt");
    }
  }

  @Test
  void aFewPipelinedRequestsAreAnsweredInOrder() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send((request() + "GET / HTTP/1.1\r\nHost: x\r\n\r\n").repeat(4));

      for (int count = 0; count < 4; count++) {
        assertThat(connection.read().status()).isEqualTo(200);
        assertThat(connection.read().status()).isEqualTo(404);
      }
      assertServes(ingress);
    }
  }

  @Test
  void pipeliningBeyondTheLimitEndsTheConnection() throws IOException {
    ConnectionLimits limits = limits(100, LONG, LONG, 100_000, 4);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      ingress.publisher.neverAnswer();

      connection.sendAsFarAsWanted(request().repeat(20_000));

      assertThat(connection.ended()).isTrue();
      assertThat(ingress.count("connections.cut", "reason", "pipelined")).isEqualTo(1);
      assertThat(ingress.count("received")).isLessThanOrEqualTo(4);
      await().until(() -> pendingBytes(ingress) == 0);
    }
  }

  @Test
  void aSenderThatReadsNoAnswersIsNotReadEither() throws IOException {
    ConnectionLimits limits = limits(100, Duration.ofSeconds(2), LONG, 1_000_000, 1000);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      // Until neither side's buffers take any more, and the server has lost its patience.
      connection.sendAsFarAsWanted(request().repeat(200_000));

      assertThat(ingress.count("received")).isLessThan(200_000);
      await().atMost(Duration.ofSeconds(20)).until(() -> connections(ingress) == 0);
      assertServes(ingress);
    }
  }

  @Test
  void aConnectionEndsAfterItsLastRequestAndTheSenderIsTold() throws IOException {
    ConnectionLimits limits = limits(100, LONG, LONG, 3, 16);
    try (Ingress ingress = Ingress.withLimits(limits, Signed.envoy());
        RawConnection connection = new RawConnection(ingress.port())) {
      for (int count = 0; count < 2; count++) {
        connection.send(request());
        assertThat(connection.read().headers()).doesNotContainKey("connection");
      }
      connection.send(request());

      RawConnection.Response last = connection.read();
      assertThat(last.status()).isEqualTo(200);
      assertThat(last.headers()).containsEntry("connection", "close");
      assertThat(connection.ended()).isTrue();
      assertThat(ingress.publisher.records()).hasSize(3);
    }
  }

  private static ConnectionLimits limits(
      int max, Duration idle, Duration request, int requests, int pipelined) {
    return new ConnectionLimits(max, idle, request, 16 * 1024, requests, pipelined);
  }

  private static String request() {
    return request("");
  }

  /** A good one, with more headers. */
  private static String request(String headers) {
    return "POST /hooks/hq-envoy HTTP/1.1\r\nHost: x\r\nX-Envoy-Signature: "
        + Signed.base64(BODY)
        + "\r\n"
        + headers
        + "Content-Length: "
        + BODY.length
        + "\r\n\r\n"
        + new String(BODY, StandardCharsets.UTF_8);
  }

  private static void assertServes(Ingress ingress) throws IOException {
    try (RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(request());
      assertThat(connection.read().status()).isEqualTo(200);
    }
  }

  /** Sends a little now and then, never pausing for long. */
  private static void dripUntilCutOff(RawConnection connection, String drop) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          connection.sendAsFarAsWanted(drop);
          return connection.endedByNow();
        });
  }

  private static double pendingBytes(Ingress ingress) {
    return ingress.meters.get("vestibule.ingress.pending.bytes").gauge().value();
  }

  private static double connections(Ingress ingress) {
    return ingress.meters.get("vestibule.ingress.connections").gauge().value();
  }

  /** How many files this process may open. */
  private static int openFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount())
        : 2 * RESERVED_FILES;
  }
}
