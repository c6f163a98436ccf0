package dev.vestibule.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import java.io.File;
import org.apache.avro.util.ClassSecurityValidator;
import org.junit.jupiter.api.Test;

class TrustedEventsTest {
  @Test
  void buildersFillInEnumDefaults() {
    VisitorEvent event =
        VisitorEvent.newBuilder(Events.aliceSignsIn()).clearType().clearSensitivity().build();

    assertThat(event.getType()).isEqualTo(EventType.UNKNOWN);
    assertThat(event.getSensitivity()).isEqualTo(Sensitivity.HEALTH);
  }

  @Test
  void otherClassesStayForbidden() {
    assertThat(VisitorEvent.getClassSchema()).isNotNull();

    assertThatExceptionOfType(SecurityException.class)
        .isThrownBy(() -> ClassSecurityValidator.validate(File.class));
  }
}
