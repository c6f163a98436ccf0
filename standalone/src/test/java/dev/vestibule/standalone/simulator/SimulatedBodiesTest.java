package dev.vestibule.standalone.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.DeliveryPath;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.curacel.CuracelAdapter;
import dev.vestibule.normalizer.adapter.envoy.EnvoyAdapter;
import dev.vestibule.normalizer.adapter.essentry.EssentryAdapter;
import dev.vestibule.normalizer.adapter.kyberaccess.KyberAccessAdapter;
import dev.vestibule.normalizer.adapter.signinapp.SignInAppAdapter;
import dev.vestibule.normalizer.adapter.standardwebhooks.StandardWebhooksAdapter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the simulator says a message holds is what the adapters find in it. */
class SimulatedBodiesTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
  private static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);

  private final VisitSimulator simulator =
      new VisitSimulator(new Random(11), Clock.fixed(NOW, ZoneOffset.UTC));

  /** Type and time to the second, where the vendor gives one. */
  record Found(EventType type, @Nullable Instant time) {}

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void everyPlannedFactIsFoundAndNoOther(Vendor vendor) {
    List<Planned> day = new ArrayList<>();
    for (int visit = 0; visit < 6; visit++) {
      day.addAll(simulator.visit(vendor));
    }
    day.addAll(simulator.rarities(vendor));

    assertThat(day)
        .isNotEmpty()
        .allSatisfy(
            planned -> assertThat(found(planned)).as(planned.toString()).isEqualTo(told(planned)));
  }

  @Test
  void unheardOfEventIsOther() {
    assertThat(found(simulator.kyberAccessUnheardOf()))
        .extracting(Found::type)
        .containsExactly(EventType.OTHER);
  }

  @Test
  void claimIsNeverStored() {
    assertThat(adapted(simulator.curacelClaim())).isInstanceOf(Normalization.Ignored.class);
  }

  private static List<Found> told(Planned planned) {
    return planned.facts().stream().map(fact -> new Found(fact.type(), timed(fact))).toList();
  }

  // An upcoming visit's time is the planned one, which tells nothing about the order of facts.
  private static @Nullable Instant timed(Fact fact) {
    return fact.type() == EventType.UPCOMING ? null : fact.time();
  }

  private static List<Found> found(Planned planned) {
    Normalization<Draft> normalization = adapted(planned);
    assertThat(normalization).isInstanceOf(Normalization.Events.class);
    return ((Normalization.Events<Draft>) normalization)
        .events().stream()
            .map(draft ->
                new Found(
                    draft.type(),
                    draft.type() == EventType.UPCOMING ? null : second(draft.occurredAt())))
            .toList();
  }

  private static Normalization<Draft> adapted(Planned planned) {
    Message message = planned.message();
    Vendor vendor = message.vendor();
    return adapter(vendor)
        .adapt(
            new Delivery(
                SourceConfig.of("source", vendor, "account"),
                "source",
                "account",
                "request",
                message.deliveryId(),
                NOW,
                null,
                DeliveryPath.WEBHOOK,
                message.body()));
  }

  private static @Nullable Instant second(@Nullable Instant time) {
    return time == null ? null : time.truncatedTo(ChronoUnit.SECONDS);
  }

  private static Adapter adapter(Vendor vendor) {
    return switch (vendor) {
      case ENVOY -> new EnvoyAdapter();
      case SIGN_IN_APP -> new SignInAppAdapter();
      case ESSENTRY -> new EssentryAdapter(IDENTITY, null);
      case KYBERACCESS -> new KyberAccessAdapter();
      case CURACEL -> new CuracelAdapter(IDENTITY);
      case STANDARD_WEBHOOKS -> new StandardWebhooksAdapter();
    };
  }
}
