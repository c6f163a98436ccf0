package dev.vestibule.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.DirectoryId;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.metadata.LeaderRecoveryState;
import org.apache.kafka.server.common.KRaftVersion;
import org.junit.jupiter.api.Test;

/** Transaction markers go to a partition's leader; without one they must wait, not be left out. */
class PatientBrokerTest {
  private static final ListenerName LISTENER = new ListenerName("PLAINTEXT");
  private static final int NOBODY = -1;

  private final PatientBroker.Cache cache =
      new PatientBroker.Cache(1, () -> KRaftVersion.LATEST_PRODUCTION);

  @Test
  void partitionWhoseLeaderIsAwayHasNoNodeYet() {
    cache.setImage(withTopic("visitor.events", NOBODY));

    assertThat(cache.getPartitionLeaderEndpoint("visitor.events", 0, LISTENER))
        .contains(Node.noNode());
  }

  @Test
  void leaderThatIsNotRegisteredAnyMoreIsAwayToo() {
    cache.setImage(withTopic("visitor.events", 1));

    assertThat(cache.getPartitionLeaderEndpoint("visitor.events", 0, LISTENER))
        .contains(Node.noNode());
  }

  @Test
  void partitionThatWasDeletedHasNoLeader() {
    cache.setImage(withTopic("visitor.events", NOBODY));

    assertThat(cache.getPartitionLeaderEndpoint("visitor.events", 1, LISTENER)).isEmpty();
    assertThat(cache.getPartitionLeaderEndpoint("visitor.alerts", 0, LISTENER)).isEmpty();
  }

  private static MetadataImage withTopic(String name, int leader) {
    Uuid id = Uuid.randomUuid();
    MetadataDelta delta = new MetadataDelta.Builder().setImage(MetadataImage.EMPTY).build();
    delta.replay(new TopicRecord().setName(name).setTopicId(id));
    delta.replay(
        new PartitionRecord()
            .setTopicId(id)
            .setPartitionId(0)
            .setReplicas(List.of(1))
            .setIsr(List.of(1))
            .setLeader(leader)
            .setLeaderRecoveryState(LeaderRecoveryState.RECOVERED.value())
            .setDirectories(List.of(DirectoryId.UNASSIGNED)));
    return delta.apply(MetadataProvenance.EMPTY);
  }
}
