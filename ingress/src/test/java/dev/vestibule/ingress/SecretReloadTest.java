package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rotation from one secret to another while requests keep coming. */
class SecretReloadTest {
  private static final int SENDERS = 16;
  private static final byte[] BODY = Signed.utf8("{\"payload\":{\"id\":\"19\"}}");

  @TempDir Path folder;

  @BeforeEach
  void twoSecretsOfWhichOneIsInUse() throws IOException {
    write("old.secret", "old-secret-1\n");
    write("new.secret", "new-secret-2\n");
    list("{ file: old.secret }");
  }

  @Test
  void rotationUnderLoadNeverRefusesAListedSecret() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicBoolean newListed = new AtomicBoolean();
    AtomicInteger oldSent = new AtomicInteger();
    AtomicInteger newSent = new AtomicInteger();
    List<Integer> refusals = Collections.synchronizedList(new ArrayList<>());
    try (Ingress ingress = Ingress.of(load(), folder, this::load);
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < SENDERS; i++) {
        boolean moves = i % 2 == 0;
        senders.execute(() -> {
          while (!over.get()) {
            boolean isNew = moves && newListed.get();
            int status = post(ingress, isNew ? "new-secret-2" : "old-secret-1");
            (isNew ? newSent : oldSent).incrementAndGet();
            if (status != 200) {
              refusals.add(status);
            }
          }
        });
      }

      // When both are listed, then in the other order, with the old one not yet given up
      list("{ file: old.secret }, { file: new.secret }");
      awaitApplied(ingress, 1);
      newListed.set(true);
      list("{ file: new.secret }, { file: old.secret }");
      awaitApplied(ingress, 2);
      write("new.secret", "");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ingress.count("reload", "outcome", "failed") == 1);
      write("new.secret", "new-secret-2");
      int sent = newSent.get();
      await().atMost(Duration.ofSeconds(10)).until(() -> newSent.get() > sent + 500);
      over.set(true);
      senders.shutdown();
      assertThat(senders.awaitTermination(10, TimeUnit.SECONDS)).isTrue();

      // Then
      assertThat(refusals).isEmpty();
      assertThat(oldSent.get()).isGreaterThan(100);
      assertThat(ingress.count("rejected")).isZero();

      // And the old one is worth nothing once it is struck off
      list("{ file: new.secret }");
      awaitApplied(ingress, 3);
      assertThat(post(ingress, "old-secret-1")).isEqualTo(401);
      assertThat(post(ingress, "new-secret-2")).isEqualTo(200);
      assertThat(ingress.count("rejected", "reason", "signature_mismatch")).isEqualTo(1);
    }
  }

  @Test
  void brokenConfigurationLeavesTheSecretsInForce() throws Exception {
    try (Ingress ingress = Ingress.of(load(), folder, this::load)) {
      write("vestibule.yml", "vestibule: { sources: { hq-envoy: { vendor: envoy } } }");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ingress.count("reload", "outcome", "failed") == 1);

      assertThat(post(ingress, "old-secret-1")).isEqualTo(200);
    }
  }

  @Test
  void secretsOfOtherSourcesAndOtherSettingsAreLeftAlone() throws Exception {
    try (Ingress ingress = Ingress.of(load(), folder, this::load)) {
      write(
          "vestibule.yml",
          "vestibule: { sources: { hq-envoy: { vendor: envoy, max-body: 1, secrets:"
              + " [new-secret-2] }, other: { vendor: envoy, secrets: [x] } } }");
      awaitApplied(ingress, 1);

      assertThat(post(ingress, "new-secret-2")).isEqualTo(200);
      assertThat(ingress.post("/hooks/other", BODY).statusCode()).isEqualTo(404);
    }
  }

  private static void awaitApplied(Ingress ingress, int times) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ingress.count("reload", "outcome", "applied") == times);
  }

  private static int post(Ingress ingress, String secret) {
    String signature = Base64.getEncoder().encodeToString(Signed.hmac(secret, BODY));
    return ingress.post("/hooks/hq-envoy", BODY, "X-Envoy-Signature", signature).statusCode();
  }

  private VestibuleConfig load() {
    return ConfigLoader.load(folder.resolve("vestibule.yml"), folder, Map.of());
  }

  private void list(String secrets) throws IOException {
    write(
        "vestibule.yml",
        "vestibule: { ingress: { host: 127.0.0.1, port: 0 }, sources: { hq-envoy: { vendor: envoy, secrets: ["
            + secrets
            + "] } } }");
  }

  /** In place, as editors do: for a moment the file is empty. */
  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
