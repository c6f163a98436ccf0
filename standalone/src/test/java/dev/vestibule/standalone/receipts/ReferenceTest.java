package dev.vestibule.standalone.receipts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.standalone.receipts.Reference.Event;
import dev.vestibule.standalone.receipts.Reference.Request;
import dev.vestibule.standalone.receipts.Reference.Spooled;
import dev.vestibule.standalone.receipts.Reference.Stored;
import dev.vestibule.standalone.receipts.Reference.Visit;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReferenceTest {
  private static final TopicNames PREFIXED = new TopicNames("site-1.");

  @Test
  void aReceiptIsAPositionInARawTopicOfThisInstallation() {
    assertThat(Reference.toDelivery("site-1.visitor.raw.sign-in-app-3@17", PREFIXED))
        .contains(new Stored(new Place("site-1.visitor.raw.sign-in-app", 3, 17)));
    assertThat(Reference.toDelivery("visitor.raw.sign-in-app-3@17", PREFIXED)).isEmpty();
  }

  @Test
  void aRequestIdTellsItsTime() {
    UUID id = UUID.fromString("0195501f-4c00-7abc-8def-0123456789ab");

    assertThat(Reference.toDelivery(id.toString(), TopicNames.UNPREFIXED))
        .contains(new Request(id));
    assertThat(new Request(id).time()).isEqualTo(Instant.ofEpochMilli(0x0195501f4c00L));
  }

  @Test
  void aReceiptOfASpoolIsNoMalformedOne() {
    assertThat(Reference.toDelivery("spool-hq-envoy@5", TopicNames.UNPREFIXED))
        .contains(new Spooled("hq-envoy", 5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "visitor.raw.envoy-1",
        "visitor.raw.envoy-1@",
        "visitor.raw.envoy-1@-1",
        "visitor.raw.envoy-1@9999999999999999999",
        "visitor.raw.envoy-9999999999@1",
        "visitor.raw.nobody-1@1",
        "visitor.events-1@1",
        "../visitor.raw.envoy-1@1",
        "0195501f-4c00-4abc-8def-0123456789ab",
        "0195501f-4c00-7abc-8def-0123456789abc",
        "spool-@1"
      })
  void anythingElseIsNoDelivery(String text) {
    assertThat(Reference.toDelivery(text, TopicNames.UNPREFIXED)).isEmpty();
  }

  @Test
  void anEventIdIsFoundWithAndWithoutRevision() {
    String id = "5f0c2a1e-77aa-8123-9abc-0123456789ab";

    assertThat(Reference.toAnything(id, TopicNames.UNPREFIXED)).isEqualTo(new Event(id));
    assertThat(Reference.toAnything(id + ".r0011223344556677", TopicNames.UNPREFIXED))
        .isEqualTo(new Event(id));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4711", "hq:4711", "5f0c2a1e-77aa-4123-9abc-0123456789ab"})
  void theRestAreVisits(String text) {
    assertThat(Reference.toAnything(text, TopicNames.UNPREFIXED)).isEqualTo(new Visit(text));
  }
}
