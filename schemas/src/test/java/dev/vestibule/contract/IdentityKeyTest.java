package dev.vestibule.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdentityKeyTest {
  private static final IdentityKey KEY = new IdentityKey(bytes(7));

  @Test
  void pinsTheSchemeSoThatNoKnownFactBecomesNew() {
    assertThat(KEY.hash("delivery", "hq", "a")).isEqualTo("758b24511e9b8efd9cd89ca2953d04d9");
    assertThat(KEY.shortHash("revision", "x")).isEqualTo("9b5a6f5de48fdd63");
    assertThat(KEY.eventId("hq", "19", "SIGNED_IN"))
        .hasToString("b3930094-e28c-8b5b-9c0d-eca6e2f0a5c4");
    assertThat(KEY.enrollee("clinics", "1", "1346")).isEqualTo("a21f6585ccb816c264a34131c41249ca");
  }

  @Test
  void decisionsAndVisitsKeepTheirIdsUnderEveryKeyScheme() {
    assertThat(KEY.under("2").decision("hq", "entries", "19"))
        .isEqualTo(KEY.decision("hq", "entries", "19"))
        .isNotEqualTo(KEY.decision("hq", "invites", "19"));
    assertThat(KEY.under("2").visit("hq", "19")).isEqualTo(KEY.visit("hq", "19")).hasSize(32);
  }

  @Test
  void anAlertKeepsItsIdUnderEveryKeyScheme() {
    assertThat(KEY.under("2").alert("unscreened-entry", "hq", "19"))
        .isEqualTo(KEY.alert("unscreened-entry", "hq", "19"))
        .isNotEqualTo(KEY.alert("another", "hq", "19"))
        .isNotEqualTo(KEY.alert("unscreened-entry", "lab", "19"))
        .hasSize(32);
  }

  @Test
  void partsCannotRunIntoEachOther() {
    assertThat(KEY.hash("k", "ab", "c")).isNotEqualTo(KEY.hash("k", "a", "bc"));
    assertThat(KEY.hash("k", "a")).isNotEqualTo(KEY.hash("ka"));
    assertThat(KEY.hash("k", "")).isNotEqualTo(KEY.hash("k", (String) null));
    assertThat(KEY.hash("k", "a")).isNotEqualTo(KEY.hash("k", "a", null));
  }

  @Test
  void anotherKeyGivesOtherHashes() {
    IdentityKey other = new IdentityKey(bytes(8));

    assertThat(other.hash("k", "a")).isNotEqualTo(KEY.hash("k", "a"));
    assertThat(other.fingerprint()).isNotEqualTo(KEY.fingerprint());
  }

  @Test
  void eventIdIsAVersion8Uuid() {
    UUID id = KEY.eventId("hq", "19");

    assertThat(id.version()).isEqualTo(8);
    assertThat(id.variant()).isEqualTo(2);
  }

  @Test
  void opensOnlyWhatWasSealedForThePurpose() throws GeneralSecurityException {
    byte[] sealed = KEY.seal("credential", "0012345".getBytes(StandardCharsets.UTF_8));

    assertThat(new String(KEY.open("credential", sealed), StandardCharsets.UTF_8))
        .isEqualTo("0012345");
    assertThat(HexFormat.of().formatHex(sealed)).doesNotContain("30303132333435");
    assertThatThrownBy(() -> KEY.open("raw", sealed)).isInstanceOf(GeneralSecurityException.class);
    sealed[sealed.length - 1] ^= 1;
    assertThatThrownBy(() -> KEY.open("credential", sealed))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> KEY.open("credential", new byte[3]))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void printsNoKey() {
    assertThat(KEY.toString()).doesNotContain(HexFormat.of().formatHex(bytes(7)));
    assertThatThrownBy(() -> new IdentityKey(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("identity key: expected 32 bytes, got 31 bytes");
  }

  private static byte[] bytes(int first) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }
}
