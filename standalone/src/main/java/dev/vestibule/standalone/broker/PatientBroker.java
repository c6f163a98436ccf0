package dev.vestibule.standalone.broker;

import java.util.Optional;
import java.util.function.Supplier;
import kafka.server.BrokerServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.server.common.KRaftVersion;

/**
 * A broker that waits for a partition's leader before it writes the markers that end a transaction.
 *
 * <p>Kafka 4.3.1 takes a partition whose leader is away for a deleted one (KAFKA-20734): its
 * markers are left out, the transaction counts as complete, and whoever reads that partition waits
 * for its end for ever. With one node the leader of every partition is away for a moment after each
 * crash.
 */
final class PatientBroker extends BrokerServer {
  private final SharedServer shared;

  PatientBroker(SharedServer shared) {
    super(shared);
    this.shared = shared;
  }

  /** Called once, early in the start, with the cache that everything of this broker asks. */
  @Override
  public void metadataCache_$eq(KRaftMetadataCache cache) {
    super.metadataCache_$eq(
        new Cache(shared.nodeId(), () -> shared.raftManager().client().kraftVersion()));
  }

  /** Tells a partition without leader from one that is not there. */
  static final class Cache extends KRaftMetadataCache {
    Cache(int nodeId, Supplier<KRaftVersion> version) {
      super(nodeId, version);
    }

    @Override
    public Optional<Node> getPartitionLeaderEndpoint(
        String topic, int partition, ListenerName listener) {
      Optional<Node> leader = super.getPartitionLeaderEndpoint(topic, partition, listener);
      return leader.isEmpty() && contains(new TopicPartition(topic, partition))
          ? Optional.of(Node.noNode())
          : leader;
    }
  }
}
