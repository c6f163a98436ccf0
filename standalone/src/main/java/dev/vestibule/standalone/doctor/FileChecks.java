package dev.vestibule.standalone.doctor;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.TlsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.ingress.tls.PemFiles;
import dev.vestibule.ingress.tls.ServerCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Files that hold secrets, and certificates that end. */
final class FileChecks {
  private static final Duration RENEW_BEFORE = Duration.ofDays(14);

  private FileChecks() {}

  /**
   * @param file the configuration
   * @param secretFiles files of secrets that it names
   */
  static List<Finding> of(
      Path file, Collection<Path> secretFiles, VestibuleConfig config, Instant now) {
    List<Finding> findings = new ArrayList<>();
    for (Path secret : secretFiles) {
      findings.addAll(readableByAll("a secret", secret));
    }
    if (holdsSecrets(file, config)) {
      findings.addAll(readableByAll("the configuration with secrets in it", file));
    }
    for (Path key : List.of(config.identity().keyFile(), config.identity().credentialKeyFile())) {
      findings.addAll(readableByAll("a permanent key", key));
    }
    TlsConfig tls = config.ingress().tls();
    if (tls != null) {
      findings.addAll(readableByAll("the TLS key", tls.key()));
      findings.addAll(certificate(tls, now));
    }
    return findings;
  }

  private static List<Finding> readableByAll(String what, Path file) {
    try {
      PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      if (view == null
          || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          || !view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
        return List.of();
      }
    } catch (IOException e) {
      return List.of(
          new Finding(
              "unreadable-file",
              file.toString(),
              "cannot be looked at: " + e.getClass().getSimpleName(),
              "let the user that runs Vestibule read it"));
    }
    return List.of(
        new Finding(
            "readable-by-all",
            file.toString(),
            what + " can be read by every user of this machine",
            "chmod o-rwx " + file));
  }

  private static boolean holdsSecrets(Path file, VestibuleConfig config) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      return false;
    }
    return config.sources().values().stream()
        .flatMap(FileChecks::secrets)
        .anyMatch(secret -> text.contains(secret.reveal()));
  }

  private static Stream<Secret> secrets(SourceConfig source) {
    List<Secret> values = source.auth() == null ? List.of() : source.auth().values();
    return Stream.of(source.secrets(), source.pathKeys(), values).flatMap(List::stream);
  }

  private static List<Finding> certificate(TlsConfig tls, Instant now) {
    X509Certificate certificate;
    try {
      PemFiles files = PemFiles.read(tls);
      ServerCertificates _ = new ServerCertificates(files);
      certificate = files.chain().getFirst();
    } catch (ConfigException e) {
      String message = String.valueOf(e.getMessage());
      int colon = message.indexOf(": ");
      return List.of(
          new Finding(
              "certificate",
              message.substring(0, colon),
              message.substring(colon + 2),
              "the port does not open, or keeps what it had, until this is mended"));
    }
    Instant end = certificate.getNotAfter().toInstant();
    if (now.plus(RENEW_BEFORE).isBefore(end)) {
      return List.of();
    }
    String when =
        now.isAfter(end)
            ? "ended on " + end
            : "ends in " + ChronoUnit.DAYS.between(now, end) + " days, on " + end;
    return List.of(
        new Finding(
            "certificate",
            tls.certificate().toString(),
            "the certificate " + when,
            "replace certificate and key; a running ingress takes them up by itself"));
  }
}
