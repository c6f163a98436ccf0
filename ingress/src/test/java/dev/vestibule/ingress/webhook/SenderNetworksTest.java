package dev.vestibule.ingress.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SenderNetworksTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.128/25, 192.0.2.128, true",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::/0, 2001:db8::1, true",
    "127.0.0.0/8, ::ffff:127.0.0.1, true"
  })
  void blockHoldsItsAddressesOnly(String block, String address, boolean inside) {
    assertThat(Cidr.parse(block).contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
  }

  @Test
  void nobodyIsRefusedWithoutAList() {
    assertThat(networks("", "").allows(InetAddress.ofLiteral("203.0.113.9"), List.of())).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // allowed        | trusted      | peer         | X-Forwarded-For               | result
        "198.51.100.0/24  |              | 198.51.100.1 | ''                            | true",
        "198.51.100.0/24  |              | 203.0.113.9  | 198.51.100.1                  | false",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | 198.51.100.1                  | true",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | 198.51.100.1, 203.0.113.9     | false",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | 203.0.113.9, 198.51.100.1     | true",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | 198.51.100.1, 10.0.0.2        | true",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | ''                            | false",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | unknown                       | false",
        "198.51.100.0/24  | 10.0.0.0/8   | 10.0.0.1     | 198.51.100.1:4711             | true",
        "2001:db8::/32    | 10.0.0.0/8   | 10.0.0.1     | [2001:db8::1]:4711            | true",
        "198.51.100.0/24  | 10.0.0.0/8   | 203.0.113.9  | 198.51.100.1, 10.0.0.2        | false"
      })
  void forwardedAddressIsBelievedFromTrustedProxiesOnly(
      String allowed, String trusted, String peer, String forwardedFor, boolean result) {
    assertThat(
            networks(allowed, trusted).allows(InetAddress.ofLiteral(peer), List.of(forwardedFor)))
        .isEqualTo(result);
  }

  @Test
  void severalForwardedForLinesAreOneList() {
    assertThat(
            networks("198.51.100.0/24", "10.0.0.0/8")
                .allows(InetAddress.ofLiteral("10.0.0.1"), List.of("198.51.100.1", "203.0.113.9")))
        .isFalse();
  }

  private static SenderNetworks networks(String allowed, String trusted) {
    return new SenderNetworks(blocks(allowed), blocks(trusted));
  }

  private static List<Cidr> blocks(@org.jspecify.annotations.Nullable String text) {
    return Stream.ofNullable(text).filter(block -> !block.isBlank()).map(Cidr::parse).toList();
  }
}
