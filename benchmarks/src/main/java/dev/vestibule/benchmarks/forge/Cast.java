package dev.vestibule.benchmarks.forge;

import dev.vestibule.benchmarks.forge.Forgery.Header;
import dev.vestibule.benchmarks.forge.Proof.Form;
import dev.vestibule.benchmarks.forge.Proof.Signature;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The sources on trial: one for each vendor and each way to prove oneself. */
final class Cast {
  private static final int FIVE_MINUTES = 300;
  private static final int FIFTEEN_HOURS = 15 * 3600;
  private static final String TOKEN = "Bearer tok-5f0c2ab19e774d1c";
  private static final String PAIR = "essentry:pa:ss wörd-91";

  /** Each source's ends in its own word: no flipped bit may make one the key of another. */
  private static final String PATH_KEY = "k-2f9d07c1a4b84e63~ü/+";

  private static final String CUSTOM =
      "auth: { scheme: hmac, header: X-Signature, prefix: 'sha256=', template:"
          + " '{timestamp}.{id}.{body}', timestamp-header: X-Timestamp, id-header: X-Delivery }";
  private static final String HUB =
      "auth: { scheme: hmac, header: X-Hub-Signature-256, encoding: base64,"
          + " template: 'v0:{body}' }";

  private static final String ON_TRIAL =
      """
      vestibule:
        sources:
          envoy: { vendor: envoy, secrets: [hq-envoy-c41f0d] }
          rotated: { vendor: envoy, secrets: [old-secret-1c, new-sécret-🔑] }
          sign-in-app: { vendor: sign-in-app, secrets: [lobby-77aa0e] }
          kyberaccess: { vendor: kyberaccess, secrets: [hq-kyber-0b95] }
          curacel: { vendor: curacel, secrets: [clinics-9a4d] }
          if-present: { vendor: curacel, secrets: [clinics-1d2e], signature: if-present, path-keys: ['KEY-front'] }
          off: { vendor: curacel, secrets: [clinics-33f0], signature: 'off', path-keys: ['KEY-off'] }
          standard: { vendor: standard-webhooks, secrets: [whsec_dHVybnN0aWxlLXNlY3JldC0wMQ==] }
          header: { vendor: essentry, auth: { scheme: static-header, value: 'TOKEN' } }
          basic: { vendor: essentry, auth: { scheme: basic, values: ['PAIR'] } }
          path: { vendor: essentry, auth: { scheme: path-secret, key: 'KEY-path' } }
          custom: { vendor: standard-webhooks, secrets: [turnstile-60ce], CUSTOM }
          hub: { vendor: standard-webhooks, secrets: [hub-8812], HUB }
          both: { vendor: envoy, secrets: [hq-both-5b0d], auth: { scheme: static-header, header: X-Token, value: 'TOKEN' } }
      """
          .replace("KEY", PATH_KEY)
          .replace("TOKEN", TOKEN)
          .replace("PAIR", PAIR)
          .replace("CUSTOM", CUSTOM)
          .replace("HUB", HUB);

  /** Who signs in another's place: strangers, and single secrets of sources that have several. */
  private static final String OTHERS =
      """
      vestibule:
        sources:
          envoy: { vendor: envoy, secrets: [some-other-secret] }
          sign-in-app: { vendor: sign-in-app, secrets: [some-other-secret] }
          kyberaccess: { vendor: kyberaccess, secrets: [some-other-secret] }
          curacel: { vendor: curacel, secrets: [some-other-secret] }
          standard: { vendor: standard-webhooks, secrets: [whsec_c29tZS1vdGhlci1zZWNyZXQ=] }
          header: { vendor: essentry, auth: { scheme: static-header, value: Bearer tok-0 } }
          basic: { vendor: essentry, auth: { scheme: basic, values: ['essentry:x'] } }
          path: { vendor: essentry, auth: { scheme: path-secret, key: k-0 } }
          custom: { vendor: standard-webhooks, secrets: [some-other-secret], CUSTOM }
          hub: { vendor: standard-webhooks, secrets: [some-other-secret], HUB }
          second-of-rotated: { vendor: envoy, secrets: [new-sécret-🔑] }
          envoy-of-both: { vendor: envoy, secrets: [hq-both-5b0d] }
          key-of-if-present: { vendor: curacel, path-keys: ['KEY-front'] }
      """
          .replace("KEY", PATH_KEY)
          .replace("CUSTOM", CUSTOM)
          .replace("HUB", HUB);

  private final Map<String, SourceConfig> onTrial;
  private final Map<String, SourceConfig> others;
  private final List<Sender> senders = new ArrayList<>();
  private final Random random;
  private final Instant now;

  /**
   * @param folder where the configurations are written
   * @param now a whole second, at which the ingress stands
   */
  Cast(Path folder, Random random, Instant now) throws IOException {
    this.onTrial = load(folder, "on-trial.yml", ON_TRIAL);
    this.others = load(folder, "others.yml", OTHERS);
    this.random = random;
    this.now = now;
    Signature kyberaccess =
        timed("X-KyberAccess-Signature", Form.SINGLE, "sha256=", "X-KyberAccess-Timestamp", null);
    signed("envoy", body("X-Envoy-Signature", true));
    signed("sign-in-app", timed("x-signinapp-webhook-signature", Form.PARTS, "s1", null, null));
    signed("kyberaccess", kyberaccess);
    signed("curacel", body("x-curacel-signature", false));
    signed(
        "standard",
        timed("webhook-signature", Form.VERSIONS, "v1,", "webhook-timestamp", "webhook-id"));
    signed("custom", timed("X-Signature", Form.SINGLE, "sha256=", "X-Timestamp", "X-Delivery"));
    signed("hub", body("X-Hub-Signature-256", false));
    several();
    ifPresent();
    unsigned("off", "path", Proof.pathKey(PATH_KEY + "-off"), List.of());
    unsigned("path", "path", Proof.pathKey(PATH_KEY + "-path"), List.of());
    unsigned(
        "header",
        "header",
        Proof.header("Authorization", TOKEN).and(Proof.noPathKey()),
        List.of("Authorization"));
    unsigned("basic", "basic", Proof.basic(PAIR).and(Proof.noPathKey()), List.of("Authorization"));
  }

  Collection<SourceConfig> sources() {
    return onTrial.values();
  }

  List<Sender> senders() {
    return List.copyOf(senders);
  }

  private void signed(String source, Signature signature) {
    add(
        source,
        onTrial(source),
        onTrial(source),
        other(source),
        signature,
        signature.and(Proof.noPathKey()),
        signature.deciding(),
        null);
  }

  /** Two secrets of which the second signs; a signature and a header at once. */
  private void several() {
    Signature rotated = body("X-Envoy-Signature", true);
    add(
        "rotated",
        onTrial("rotated"),
        other("second-of-rotated"),
        other("envoy"),
        rotated,
        rotated.and(Proof.noPathKey()),
        rotated.deciding(),
        null);
    Signature both = body("X-Envoy-Signature", true);
    add(
        "both",
        onTrial("both"),
        other("envoy-of-both"),
        other("envoy"),
        both,
        both.and(Proof.header("X-Token", TOKEN)).and(Proof.noPathKey()),
        List.of("X-Envoy-Signature", "X-Token"),
        new Header("X-Token", TOKEN));
  }

  private void ifPresent() {
    Signature signature = body("x-curacel-signature", false);
    Proof proof =
        Proof.signatureIfPresent(signature, Proof.pathKey(PATH_KEY + "-front"))
            .and(Proof.pathKeyIfGiven(PATH_KEY + "-front"));
    SourceConfig source = onTrial("if-present");
    List<String> deciding = signature.deciding();
    add("if-present", source, source, other("curacel"), signature, proof, deciding, null);
    add(
        "if-present by key",
        source,
        other("key-of-if-present"),
        other("path"),
        null,
        proof,
        List.of(),
        null);
  }

  private void unsigned(String source, String stranger, Proof proof, List<String> deciding) {
    SourceConfig config = onTrial(source);
    add(source, config, config, other(stranger), null, proof, deciding, null);
  }

  private void add(
      String name,
      SourceConfig source,
      SourceConfig signs,
      SourceConfig stranger,
      @Nullable Signature signature,
      Proof proof,
      List<String> deciding,
      @Nullable Header also) {
    senders.add(
        new Sender(name, source, signs, stranger, signature, proof, deciding, also, random, now));
  }

  /** The body alone is signed. */
  private Signature body(String header, boolean overInflated) {
    return new Signature(
        header, Form.SINGLE, "", null, null, overInflated, now.getEpochSecond(), 0, 0);
  }

  private Signature timed(
      String header,
      Form form,
      String prefix,
      @Nullable String timeHeader,
      @Nullable String idHeader) {
    int past = header.startsWith("X-KyberAccess") ? FIFTEEN_HOURS : FIVE_MINUTES;
    return new Signature(
        header,
        form,
        prefix,
        timeHeader,
        idHeader,
        false,
        now.getEpochSecond(),
        past,
        FIVE_MINUTES);
  }

  private SourceConfig onTrial(String name) {
    return Objects.requireNonNull(onTrial.get(name), name);
  }

  private SourceConfig other(String name) {
    return Objects.requireNonNull(others.get(name), name);
  }

  private static Map<String, SourceConfig> load(Path folder, String name, String text)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    return ConfigLoader.load(file, folder, Map.of()).sources();
  }
}
