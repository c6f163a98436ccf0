package dev.vestibule.sink.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.sink.access.target.CardNumber;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealedCardsTest {
  private static final SealedCards CARDS = new SealedCards(Facts.CREDENTIAL_KEY);

  private static String sealed(String purpose, String json) {
    return Base64.getEncoder()
        .encodeToString(Facts.CREDENTIAL_KEY.seal(purpose, json.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"cardNumberKiosk\":\"0012345\"} | 0012345",
        "{\"cardNumberKiosk\":\"0012345\",\"cardNumberReception\":\"0012345\"} | 0012345",
        "{\"cardNumberKiosk\":\"1\",\"cardNumberAccessControlSystem\":\"7\",\"pin\":\"9\"} | 7",
        "{\"cardNumberReception\":\" \",\"cardNumberKiosk\":12} | 12"
      })
  void numberOfTheTargetGoesBeforeThoseOfTheReaders(String json, String number) {
    assertThat(CARDS.number(sealed("credential", json))).contains(new CardNumber(number));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"cardNumberKiosk\":\"1\",\"cardNumberReception\":\"2\"}",
        "{\"pin\":\"1234\"}",
        "{\"cardNumberKiosk\":{\"x\":1}}",
        "[]",
        "no json"
      })
  void numberThatIsInDoubtIsNone(String json) {
    assertThat(CARDS.number(sealed("credential", json))).isEmpty();
  }

  @Test
  void whatIsSealedForSomethingElseOrByAnotherIsNotOpened() {
    String json = "{\"cardNumberKiosk\":\"1\"}";
    byte[] other = new byte[32];
    other[0] = 1;

    assertThat(CARDS.number(sealed("access-state", json))).isEmpty();
    assertThat(new SealedCards(new IdentityKey(other)).number(sealed("credential", json)))
        .isEmpty();
    assertThat(new SealedCards(null).number(sealed("credential", json))).isEmpty();
    assertThat(CARDS.number("not base64!")).isEmpty();
    assertThat(CARDS.number("AAAA")).isEmpty();
  }

  @Test
  void numbersDoNotPrint() {
    assertThat(new CardNumber("0012345").toString()).doesNotContain("0012345");
  }
}
