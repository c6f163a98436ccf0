package dev.vestibule.ingress.decision.snapshot;

import dev.vestibule.events.Decision;
import dev.vestibule.ingress.decision.Answers;
import java.time.InstantSource;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** What was answered lately, by any ingress. What was learned once is not unlearned. */
final class Recent implements Content<Answers> {
  private final String topic;
  private final Deserializer<Decision> decisions;
  private final Answers answers;
  private final InstantSource clock;

  Recent(String topic, Deserializer<Decision> decisions, Answers answers, InstantSource clock) {
    this.topic = topic;
    this.decisions = decisions;
    this.answers = answers;
    this.clock = clock;
  }

  @Override
  public void clear() {
    // The same records come again, and learning them again changes nothing.
  }

  @Override
  public boolean take(String key, byte @Nullable [] value) {
    try {
      Decision decision = decisions.deserialize(topic, value);
      if (decision == null) {
        return false;
      }
      answers.learn(decision, clock.instant());
      return true;
    } catch (SerializationException e) {
      return false;
    }
  }

  @Override
  public Answers value() {
    return answers;
  }

  @Override
  public int size() {
    return answers.size();
  }
}
