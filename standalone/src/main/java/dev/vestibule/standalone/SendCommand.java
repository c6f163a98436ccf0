package dev.vestibule.standalone;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.TlsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.tls.PemFiles;
import dev.vestibule.standalone.simulator.Answer;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.Samples;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import dev.vestibule.standalone.simulator.WebhookClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "send",
    description = "Signs a webhook as the source's vendor would, and posts it once.")
final class SendCommand implements Callable<Integer> {
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";
  private static final String STANDARD_INPUT = "-";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "F",
      description = "Default: vestibule.yml in the data folder.")
  private @Nullable Path configFile;

  @Option(names = "--source", paramLabel = "S", required = true, description = "Who sends.")
  private String source = "";

  @Option(
      names = "--screen",
      description =
          "Asks whether this visitor may enter, as Envoy's hook does. Exit code 3: a person must"
              + " look.")
  private boolean screen;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Body body = new Body();

  @Option(
      names = "--url",
      paramLabel = "U",
      description =
          "Base URL of the ingress; default: the running `up` of the data folder, else"
              + " http://127.0.0.1:8080.")
  private @Nullable URI url;

  @Option(names = "--data-dir", paramLabel = "D", description = "Data folder of the `up` to use.")
  private @Nullable Path dataDir;

  /** Where the body comes from. */
  static final class Body {
    @Option(names = "--file", paramLabel = "F", description = "Exact bytes of it; - reads stdin.")
    private @Nullable String file;

    @Option(names = "--sample", paramLabel = "NAME", description = "A sample of the vendor.")
    private @Nullable String sample;
  }

  @Override
  public Integer call() throws InterruptedException {
    Logging.off();
    Path folder = dataDir == null ? DataFolder.byDefault() : dataDir;
    Path file = configFile == null ? folder.resolve(StarterConfig.FILE) : configFile;
    VestibuleConfig config = ConfigOption.load(file, folder);
    SourceConfig sender = config.sources().get(source);
    if (sender == null) {
      throw wrong(
          "--source "
              + source
              + " is not configured; expected one of "
              + String.join(", ", config.sources().keySet()));
    }
    Instant now = Instant.now();
    if (screen && sender.vendor() != Vendor.ENVOY) {
      throw wrong("--screen: only Envoy asks; " + source + " is a source of " + sender.vendor());
    }
    Webhook signed = webhook(sender, now);
    Webhook webhook = screen ? new Webhook(signed.body(), signed.headers(), "/screen") : signed;
    URI base = url == null ? runningUrl(folder) : url;
    try (HttpLine line = new HttpLine(trusting(config.ingress().tls()))) {
      Answer answer = line.send(WebhookClient.url(base, source, webhook), webhook);
      spec.commandLine()
          .getOut()
          .printf(
              "status=%d receipt=%s time=%dms%n",
              answer.status(),
              Optional.ofNullable(answer.receipt()).orElse("-"),
              answer.latency().toMillis());
      spec.commandLine().getOut().flush();
      return switch (answer.status()) {
        case 200, 201, 202, 204 -> 0;
        case 412 -> Vestibule.AMISS;
        default -> Vestibule.FAILED;
      };
    } catch (SSLException e) {
      throw new Failure(
          "no TLS with "
              + base
              + "; expected the certificate of ingress.tls or one that the JVM trusts",
          e);
    } catch (IOException e) {
      throw new Failure("no answer from " + base + "; is an ingress running there?", e);
    }
  }

  private static @Nullable SSLContext trusting(@Nullable TlsConfig tls) {
    return tls == null ? null : OwnCertificate.client(PemFiles.read(tls).chain().getFirst());
  }

  private Webhook webhook(SourceConfig sender, Instant now) {
    Random random = new SecureRandom();
    try {
      VendorSigner signer = VendorSigner.forSource(sender);
      if (body.sample == null) {
        return signer.sign(bytes(), UUID.randomUUID().toString(), now);
      }
      var message = Samples.load(sender.vendor(), body.sample, random, now);
      return signer.sign(message.body(), message.deliveryId(), now);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private byte[] bytes() {
    String file = String.valueOf(body.file);
    try {
      return file.equals(STANDARD_INPUT)
          ? System.in.readAllBytes()
          : Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw new Failure("--file " + file + " cannot be read", e);
    }
  }

  private static URI runningUrl(Path folder) {
    return URI.create(RunFile.find(folder).map(RunFile::ingress).orElse(DEFAULT_URL));
  }

  private ParameterException wrong(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
