package dev.vestibule.benchmarks.forge;

import dev.vestibule.benchmarks.forge.Forgery.Header;
import dev.vestibule.benchmarks.forge.Proof.Signature;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.Message;
import dev.vestibule.standalone.simulator.Samples;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One way in which a vendor proves itself, with what it has really sent. */
final class Sender {
  private static final int MESSAGES = 48;
  private static final int UNTIMELY = 16;
  private static final int FIFTEEN_HOURS = 15 * 3600;

  private final String name;
  private final VendorSigner stranger;
  private final Proof proof;
  private final List<String> deciding;
  private final @Nullable Header also;
  private final Instant now;
  private final List<Forgery> genuine = new ArrayList<>();
  private final List<Forgery> untimely = new ArrayList<>();
  private final SourceConfig source;

  /**
   * @param signs the source whose first secret signs; another than {@code source} for a rotation
   * @param stranger a source of another secret
   * @param signature where there is one, so that it learns what is issued
   * @param proof what makes a request genuine
   * @param deciding headers that prove the sender
   * @param also a header that the signer does not make, or null
   */
  Sender(
      String name,
      SourceConfig source,
      SourceConfig signs,
      SourceConfig stranger,
      @Nullable Signature signature,
      Proof proof,
      List<String> deciding,
      @Nullable Header also,
      Random random,
      Instant now) {
    this.name = name;
    this.source = source;
    this.stranger = VendorSigner.forSource(stranger);
    this.proof = proof;
    this.deciding = deciding;
    this.also = also;
    this.now = now;
    VendorSigner signer = VendorSigner.forSource(signs);
    for (byte[] body : bodies(random)) {
      genuine.add(send(signature, signer, body, random, 0));
    }
    if (signature != null && signsTime()) {
      for (int i = 0; i < UNTIMELY; i++) {
        int late = (i % 2 == 0 ? 1 : -1) * (FIFTEEN_HOURS + 1 + random.nextInt(1_000_000));
        untimely.add(send(signature, signer, genuine.get(i).body, random, late));
      }
    }
  }

  String name() {
    return name;
  }

  /** Whether a request is this sender's, judged by what it has sent. */
  boolean isGenuine(Forgery request) {
    return request.source.equals(source.name()) && proof.holds(request);
  }

  /** Requests that the ingress must accept. */
  List<Forgery> genuine() {
    return genuine;
  }

  /** Requests with a correct signature of another time; none where no time is signed. */
  List<Forgery> untimely() {
    return untimely;
  }

  /** Headers that decide whether a request is genuine. */
  List<String> deciding() {
    return deciding;
  }

  /** The same body from somebody with another secret. */
  Forgery byStranger(byte[] body, String id) {
    return forgery(stranger.sign(body, id, now));
  }

  private boolean signsTime() {
    Vendor vendor = source.vendor();
    return vendor == Vendor.SIGN_IN_APP
        || vendor == Vendor.KYBERACCESS
        || (vendor == Vendor.STANDARD_WEBHOOKS && deciding.size() > 1);
  }

  private Forgery send(
      @Nullable Signature signature, VendorSigner by, byte[] body, Random random, int late) {
    String id = "msg_" + Long.toHexString(random.nextLong());
    Forgery request = forgery(by.sign(body, id, now.minusSeconds(late)));
    if (signature != null) {
      signature.issue(request);
    }
    return request;
  }

  private Forgery forgery(Webhook webhook) {
    List<Header> headers = new ArrayList<>();
    // In the order of names: the webhook's own order is another in every process.
    new TreeMap<>(webhook.headers())
        .forEach((header, value) -> headers.add(new Header(header, Forgery.wire(value))));
    if (also != null) {
      headers.add(also);
    }
    String suffix = webhook.pathSuffix();
    return new Forgery(
        source.name(),
        suffix.isEmpty()
            ? null
            : URLDecoder.decode(suffix.substring("/key/".length()), StandardCharsets.UTF_8),
        headers,
        webhook.body());
  }

  private List<byte[]> bodies(Random random) {
    List<byte[]> bodies = new ArrayList<>();
    List<String> samples = Samples.names(source.vendor());
    for (int i = 0; i < MESSAGES - 8; i++) {
      Message message = Samples.load(source.vendor(), samples.get(i % samples.size()), random, now);
      bodies.add(message.body());
    }
    byte[] binary = new byte[300];
    random.nextBytes(binary);
    bodies.add(binary);
    bodies.add(new byte[0]);
    bodies.add(new byte[] {'0'});
    // Bodies that could be read as a time, or as the end of an id.
    for (String text : List.of("%d.5", "%d.{}", "0%d", "a.%d.{\"event\":\"x\"}", ".%d.")) {
      bodies.add(text.formatted(now.getEpochSecond()).getBytes(StandardCharsets.UTF_8));
    }
    return bodies;
  }
}
