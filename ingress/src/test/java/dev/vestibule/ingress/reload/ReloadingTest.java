package dev.vestibule.ingress.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReloadingTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<String> used = new ArrayList<>();
  private String content = "old";

  private final Reloading<String> reloading =
      new Reloading<>("secrets", "old", this::read, this::use, meters);

  @Test
  void nothingIsUsedWhileNothingChanges() {
    look(3);

    assertThat(used).isEmpty();
    assertThat(count("applied")).isZero();
  }

  @Test
  void changeCountsWhenTwoLooksHaveSeenIt() {
    content = "new";
    look(1);
    assertThat(used).isEmpty();
    look(3);

    assertThat(used).containsExactly("new");
    assertThat(count("applied")).isEqualTo(1);
  }

  @Test
  void contentThatIsStillBeingWrittenIsNotUsed() {
    content = "ne";
    look(1);
    content = "new";
    look(1);
    assertThat(used).isEmpty();
    look(1);

    assertThat(used).containsExactly("new");
  }

  @Test
  void whatCannotBeReadLeavesTheOldAndIsReportedOnce() {
    content = "unreadable";
    look(5);

    assertThat(used).isEmpty();
    assertThat(count("failed")).isEqualTo(1);

    content = "new";
    look(2);
    assertThat(used).containsExactly("new");
  }

  @Test
  void whatCannotBeUsedIsTriedAndReportedOnceUntilItChanges() {
    content = "unusable";
    look(5);
    assertThat(count("failed")).isEqualTo(1);
    assertThat(count("applied")).isZero();

    content = "old";
    look(2);
    content = "unusable";
    look(2);
    assertThat(count("failed")).isEqualTo(2);
    assertThat(used).isEmpty();
  }

  private void look(int times) {
    for (int i = 0; i < times; i++) {
      reloading.look();
    }
  }

  private String read() {
    if (content.equals("unreadable")) {
      throw new IllegalStateException("cannot be read");
    }
    return content;
  }

  private void use(String value) {
    if (value.equals("unusable")) {
      throw new IllegalStateException("cannot be used");
    }
    used.add(value);
  }

  private double count(String outcome) {
    return meters.get("vestibule.ingress.reload").tags("outcome", outcome).counter().count();
  }
}
