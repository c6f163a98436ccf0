package dev.vestibule.ingress.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BodyReaderTest {
  private static final int LIMIT = 100_000;

  private final PendingBytes pending = new PendingBytes(LIMIT);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "868, 868",
    "868, -1",
    "16384, 16384",
    "16385, 16385",
    "16385, -1",
    "100000, 100000",
    "100000, -1",
    "900, 868",
    "10, 868",
    "40000, 1"
  })
  void everyByteIsReadWhateverWasAnnounced(int size, long announced) {
    byte[] sent = bytes(size);

    BodyReader.Result result =
        BodyReader.read(new Trickle(sent), announced, LIMIT, pending.share());

    assertThat(result)
        .isInstanceOfSatisfying(
            BodyReader.Result.Complete.class,
            complete -> assertThat(complete.body()).isEqualTo(sent));
    assertThat(pending.held()).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1, LIMIT, LIMIT + 1})
  void theFirstByteOverTheLimitIsTooLarge(long announced) {
    BodyReader.Result result =
        BodyReader.read(new Trickle(bytes(LIMIT + 1)), announced, LIMIT, pending.share());

    assertThat(result).isInstanceOf(BodyReader.Result.TooLarge.class);
  }

  @Test
  void oneByteBeyondAllPendingBodiesFindsNoRoom() {
    PendingBytes.Share other = pending.share();
    assertThat(other.grow(LIMIT - 867)).isTrue();

    BodyReader.Result result =
        BodyReader.read(new Trickle(bytes(868)), 868, LIMIT, pending.share());

    assertThat(result).isInstanceOf(BodyReader.Result.NoRoom.class);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Gives a few bytes at a time, as a network does. */
  private static final class Trickle extends InputStream {
    private static final int FEW = 1000;
    private final ByteArrayInputStream bytes;

    Trickle(byte[] bytes) {
      this.bytes = new ByteArrayInputStream(bytes);
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int start, int length) {
      return bytes.read(into, start, Math.min(length, FEW));
    }
  }
}
