package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NormalizerSettingsTest {
  @TempDir private Path folder;

  @Test
  void tuningMayChangeThePromiseMayNot() {
    // Given
    Map<String, String> kafka = new HashMap<>();
    kafka.put("bootstrap.servers", "127.0.0.1:9");
    kafka.put("num.stream.threads", "3");
    kafka.put("application.id", "mine");
    kafka.put("consumer.auto.offset.reset", "latest");
    kafka.put("production.exception.handler", "com.example.Skip");

    // When
    StreamsConfig settings = new StreamsConfig(settings(kafka));

    // Then
    assertThat(settings.getInt(StreamsConfig.NUM_STREAM_THREADS_CONFIG)).isEqualTo(3);
    assertThat(settings.getString(StreamsConfig.APPLICATION_ID_CONFIG))
        .isEqualTo("eu.vestibule-normalizer");
    assertThat(settings.getClass(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG))
        .isEqualTo(TooLargeToSend.class);
    assertThat(settings.getMainConsumerConfigs("group", "client", 0))
        .containsEntry("auto.offset.reset", "earliest");
    assertThat(settings.getProducerConfigs("client"))
        .containsEntry("max.request.size", 4 * 1024 * 1024)
        .containsEntry("linger.ms", 0);
  }

  @Test
  void aRestartTakesItsOldPlaceInTheGroup() {
    // When
    Map<String, Object> first = settings(Map.of("bootstrap.servers", "127.0.0.1:9"));
    Map<String, Object> second = settings(Map.of("bootstrap.servers", "127.0.0.1:9"));

    // Then
    assertThat(second.get("main.consumer.group.instance.id"))
        .isNotNull()
        .isEqualTo(first.get("main.consumer.group.instance.id"));
  }

  private Map<String, Object> settings(Map<String, String> kafka) {
    VestibuleConfig config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            Map.of(),
            Map.of(),
            kafka,
            new RegistryConfig(null, null, null),
            new TopicsConfig("eu.", (short) 1, Map.of(), Map.of()),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1 << 20));
    return NormalizerSettings.of(config, folder, new Refusals());
  }
}
