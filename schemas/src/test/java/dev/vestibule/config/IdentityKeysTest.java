package dev.vestibule.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.contract.IdentityKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityKeysTest {
  @TempDir Path data;

  @Test
  void createdKeyIsReadableByItsOwnerAloneAndStays() throws IOException {
    Path file = data.resolve("identity.key");

    IdentityKey created = IdentityKeys.open(file, data, IfAbsent.CREATE);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).matches("[0-9a-f]{64}\n");
    assertThat(IdentityKeys.open(file, data, IfAbsent.CREATE).fingerprint())
        .isEqualTo(created.fingerprint());
    assertThat(data.resolve("identity.fingerprint")).hasContent(created.fingerprint());
  }

  @Test
  void missingKeyIsNotCreatedUnlessTold() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> IdentityKeys.open(data.resolve("none.key"), data, IfAbsent.REFUSE))
        .withMessageMatching("identity.key-file: '.*none.key' does not exist; expected 64 hex.*");
    assertThat(data.resolve("identity.fingerprint")).doesNotExist();
  }

  @Test
  void anotherKeyThanTheDataWasWrittenWithIsRefused() throws IOException {
    Path file = data.resolve("identity.key");
    IdentityKey first = IdentityKeys.open(file, data, IfAbsent.CREATE);
    Files.writeString(file, "0123456789abcdef".repeat(4));

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> IdentityKeys.open(file, data, IfAbsent.CREATE))
        .withMessageContaining("expected " + first.fingerprint())
        .withMessageNotContaining("0123456789abcdef0123456789abcdef");
  }

  @Test
  void lostKeyIsNotReplacedByANewOne() throws IOException {
    Path file = data.resolve("identity.key");
    IdentityKey first = IdentityKeys.open(file, data, IfAbsent.CREATE);
    Files.delete(file);

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> IdentityKeys.open(file, data, IfAbsent.CREATE))
        .withMessageContaining("is missing; expected the key with fingerprint")
        .withMessageContaining(first.fingerprint());
    assertThat(file).doesNotExist();
  }

  @Test
  void brokenKeyFileIsNamedWithoutItsContent() throws IOException {
    Path file = data.resolve("identity.key");
    Files.writeString(file, "not-a-key");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> IdentityKeys.open(file, data, IfAbsent.CREATE))
        .withMessageContaining("expected 64 hex digits")
        .withMessageNotContaining("not-a-key");
  }

  @Test
  void credentialKeyIsOptional() throws IOException {
    IdentityConfig config =
        new IdentityConfig(data.resolve("identity.key"), data.resolve("credential.key"));

    assertThat(IdentityKeys.credentialKey(config, IfAbsent.REFUSE)).isEmpty();
    Files.writeString(config.credentialKeyFile(), "ab".repeat(32));
    assertThat(IdentityKeys.credentialKey(config, IfAbsent.REFUSE)).isPresent();
  }

  @Test
  void createdCredentialKeyStaysTheSame() {
    IdentityConfig config =
        new IdentityConfig(data.resolve("identity.key"), data.resolve("credential.key"));

    String first = IdentityKeys.credentialKey(config, IfAbsent.CREATE).orElseThrow().fingerprint();

    assertThat(IdentityKeys.credentialKey(config, IfAbsent.CREATE).orElseThrow().fingerprint())
        .isEqualTo(first);
  }
}
