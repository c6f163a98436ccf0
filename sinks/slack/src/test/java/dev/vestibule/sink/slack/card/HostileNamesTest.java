package dev.vestibule.sink.slack.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Nothing that a visitor types gets out of its line. {@code -Dhostile.names=1000000} tries more
 * names, {@code -Dhostile.seed=…} those of an earlier run.
 */
class HostileNamesTest {
  @Test
  void noNameBecomesMarkupMentionLinkOrLine() {
    long seed = Long.getLong("hostile.seed", new Random().nextLong());
    int names = Integer.getInteger("hostile.names", 20_000);
    System.out.println("hostile names: " + names + ", seed " + seed);

    HostileNames.Result result = HostileNames.run(seed, names);

    assertThat(result.escapes()).as(result.first()).isZero();
    assertThat(HostileNames.harmless().at("/blocks/0/text/text").textValue())
        .isEqualTo("Visitor needs a review");
    assertThat(HostileNames.harmless().get("blocks")).hasSize(5);
  }
}
