package dev.vestibule.ingress.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.ingress.spool.SegmentLog.Batch;
import dev.vestibule.ingress.spool.SegmentLog.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the log makes of files that are not as it left them. */
class SegmentLogTest {
  private static final int ONE_SEGMENT = 1 << 20;

  /** So that each group of ten starts a new segment. */
  private static final int SMALL_SEGMENT = 100;

  private final SimulatedFolder disk = new SimulatedFolder(new Random(1));

  @Test
  void aDamagedRecordInTheMiddleIsReportedAndTheRestIsRead() throws IOException {
    write(ONE_SEGMENT, 3);
    int size = Frame.HEAD + payload(1).bytes().length;
    disk.rot("1.segment", SegmentHeader.SIZE + 4 * size + 30);

    SegmentLog log = SegmentLog.open("lobby", disk, ONE_SEGMENT);

    assertThat(readAll(log)).isEqualTo(texts(1, 30, 5));
    assertThat(log.lost()).isOne();
    assertThat(log.undrained()).isEqualTo(30);
    log.drained(30);
    assertThat(log.undrained()).isZero();
    assertThat(disk.names()).contains("1.damaged").doesNotContain("1.segment");
  }

  @Test
  void aWrongLengthHidesOnlyItsOwnRecord() throws IOException {
    write(ONE_SEGMENT, 3);
    int size = Frame.HEAD + payload(1).bytes().length;
    disk.rot("1.segment", SegmentHeader.SIZE + 4 * size + 5);

    SegmentLog log = SegmentLog.open("lobby", disk, ONE_SEGMENT);

    assertThat(readAll(log)).isEqualTo(texts(1, 30, 5));
    assertThat(log.lost()).isOne();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aDamagedHeaderHidesNoRecord(int segment) throws IOException {
    write(SMALL_SEGMENT, 3);
    disk.rot(segment + ".segment", 9);

    SegmentLog log = SegmentLog.open("lobby", disk, SMALL_SEGMENT);

    if (segment == 3) {
      // Its one group has nothing after it that could prove that it was ever on disk.
      assertThat(readAll(log)).isEqualTo(texts(1, 20, 0));
    } else {
      assertThat(readAll(log)).isEqualTo(texts(1, 30, 0));
      log.drained(30);
      assertThat(disk.names()).contains(segment + ".damaged");
    }
  }

  @Test
  void aMissingSegmentIsReported() throws IOException {
    write(SMALL_SEGMENT, 3);
    disk.delete("2.segment");

    SegmentLog log = SegmentLog.open("lobby", disk, SMALL_SEGMENT);

    List<String> expected = new ArrayList<>(texts(1, 10, 0));
    expected.addAll(texts(21, 30, 0));
    assertThat(readAll(log)).isEqualTo(expected);
    assertThat(log.lost()).isEqualTo(10);
  }

  @Test
  void whatIsGoneBeforeTheFirstSegmentWasDrained() throws IOException {
    SegmentLog first = write(SMALL_SEGMENT, 3);
    first.read(5);
    first.drained(5);
    disk.delete("1.segment");

    SegmentLog log = SegmentLog.open("lobby", disk, SMALL_SEGMENT);

    assertThat(readAll(log)).isEqualTo(texts(11, 30, 0));
    assertThat(log.lost()).isZero();
    assertThat(log.undrained()).isEqualTo(20);
  }

  @Test
  void tryingTheDiskAppendsNothing() throws IOException {
    SegmentLog first = SegmentLog.open("lobby", disk, ONE_SEGMENT);
    assertThat(first.append(List.of())).isOne();
    assertThat(first.undrained()).isZero();
    assertThat(readAll(first)).isEmpty();

    SegmentLog log = SegmentLog.open("lobby", disk, ONE_SEGMENT);

    assertThat(log.undrained()).isZero();
    assertThat(log.append(List.of(payload(1)))).isOne();
    assertThat(readAll(log)).isEqualTo(texts(1, 1, 0));
  }

  @Test
  void aTornEndIsNoDamage() throws IOException {
    write(ONE_SEGMENT, 2);
    int size = Frame.HEAD + payload(1).bytes().length;
    disk.rot("1.segment", SegmentHeader.SIZE + 19 * size + 30);

    SegmentLog log = SegmentLog.open("lobby", disk, ONE_SEGMENT);

    assertThat(readAll(log)).isEqualTo(texts(1, 19, 0));
    assertThat(log.lost()).isZero();
    assertThat(log.append(List.of(payload(20)))).isEqualTo(20);
    assertThat(readAll(log)).isEqualTo(texts(20, 20, 0));
  }

  @Test
  void aLostMarkMeansThatAllIsReadAgain() throws IOException {
    SegmentLog first = write(ONE_SEGMENT, 2);
    first.read(5);
    first.drained(5);
    disk.rot("drained", 6);

    SegmentLog log = SegmentLog.open("lobby", disk, ONE_SEGMENT);

    assertThat(readAll(log)).isEqualTo(texts(1, 20, 0));
  }

  @Test
  void numbersGoOnAfterEverythingWasDrained() throws IOException {
    SegmentLog first = write(SMALL_SEGMENT, 2);
    readAll(first);
    first.drained(20);
    assertThat(disk.names()).containsExactly("drained");
    assertThat(first.bytes()).isZero();

    SegmentLog log = SegmentLog.open("lobby", disk, SMALL_SEGMENT);

    assertThat(log.append(List.of(payload(21)))).isEqualTo(21);
    assertThat(readAll(log)).isEqualTo(texts(21, 21, 0));
  }

  @Test
  void aFailedAppendLeavesNothingBehindForReaders() throws IOException {
    SegmentLog log = write(ONE_SEGMENT, 1);
    disk.failNext(1);
    assertThatThrownBy(() -> log.append(List.of(payload(99))))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");

    assertThat(log.append(List.of(payload(11)))).isEqualTo(11);

    assertThat(readAll(log)).isEqualTo(texts(1, 11, 0));
    assertThat(readAll(SegmentLog.open("lobby", disk, ONE_SEGMENT))).isEqualTo(texts(1, 11, 0));
  }

  @Test
  void aRealFolderKeepsWhatWasAppended(@TempDir Path folder) throws IOException {
    SegmentLog first = SegmentLog.open("lobby", DiskFolder.open(folder), 4096);
    for (int group = 0; group < 50; group++) {
      first.append(group(group));
    }
    first.read(100);
    first.drained(100);
    first.close();

    SegmentLog log = SegmentLog.open("lobby", DiskFolder.open(folder), 4096);

    assertThat(readAll(log)).isEqualTo(texts(101, 500, 0));
    log.drained(500);
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("drained");
    }
  }

  /** The format of files that older versions have written must stay readable. */
  @Test
  void framesAndHeadersKeepTheirForm() {
    ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.SIZE + Frame.HEAD + 2);
    new SegmentHeader(7, 3, 120).write(bytes);
    new Frame(7, 1_700_000_000_000L, 28, "hi".getBytes(StandardCharsets.UTF_8)).write(bytes);

    assertThat(HexFormat.of().formatHex(bytes.array()))
        .isEqualTo(
            "ff07844c5653500100000000000000070000000000000003"
                + "00000078840e33420000000200000000000000070000018bcfe568000000001c6869");
  }

  private SegmentLog write(int segmentBytes, int groups) throws IOException {
    SegmentLog log = SegmentLog.open("lobby", disk, segmentBytes);
    for (int group = 0; group < groups; group++) {
      log.append(group(group));
    }
    return log;
  }

  private static List<Payload> group(int group) {
    return IntStream.rangeClosed(group * 10 + 1, group * 10 + 10)
        .mapToObj(SegmentLogTest::payload)
        .toList();
  }

  private static Payload payload(int number) {
    return new Payload(0, text(number).getBytes(StandardCharsets.UTF_8));
  }

  private static String text(int number) {
    return "record %08d".formatted(number);
  }

  private static List<String> texts(int first, int last, int without) {
    return IntStream.rangeClosed(first, last)
        .filter(number -> number != without)
        .mapToObj(SegmentLogTest::text)
        .toList();
  }

  private static List<String> readAll(SegmentLog log) throws IOException {
    List<String> texts = new ArrayList<>();
    long through = -1;
    for (Batch batch = log.read(7); batch.through() > through; batch = log.read(7)) {
      through = batch.through();
      batch
          .frames()
          .forEach(frame -> texts.add(new String(frame.payload(), StandardCharsets.UTF_8)));
    }
    return texts;
  }
}
