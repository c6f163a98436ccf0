package dev.vestibule.standalone.doctor;

import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.control.ControlException;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.standalone.broker.TopicDifference;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.topics.Cluster;
import dev.vestibule.standalone.topics.TopicPlan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.KafkaException;

/** What Kafka and the registry have to say. */
final class ClusterChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Signed times are judged by our clock, windows by the broker's. */
  private static final Duration CLOCKS_MAY_DIFFER = Duration.ofSeconds(2);

  private final Map<String, String> kafka;
  private final TopicsConfig topics;
  private final Scale scale;
  private final InstantSource clock;

  /**
   * @param kafka client settings with {@code bootstrap.servers}
   */
  ClusterChecks(Map<String, String> kafka, TopicsConfig topics, Scale scale, InstantSource clock) {
    this.kafka = kafka;
    this.topics = topics;
    this.scale = scale;
    this.clock = clock;
  }

  List<Finding> ofKafka() {
    String bootstrap = String.valueOf(kafka.get("bootstrap.servers"));
    try (Cluster cluster = new Cluster(kafka)) {
      if (!answers(cluster.admin())) {
        return List.of(unreachable(bootstrap));
      }
      List<Finding> findings = new ArrayList<>(clocks(cluster.admin(), bootstrap));
      findings.addAll(topics(cluster));
      return findings;
    } catch (KafkaException | ControlException e) {
      return List.of(
          new Finding(
              "kafka",
              bootstrap,
              "does not answer as it should: " + e.getClass().getSimpleName(),
              "look at its log, and at kafka.* in the configuration"));
    }
  }

  private static Finding unreachable(String bootstrap) {
    return new Finding(
        "kafka",
        bootstrap,
        "no broker answers within " + PATIENCE.toSeconds() + " s",
        "check kafka.bootstrap.servers, the network between, and how the client proves itself");
  }

  private static boolean answers(Admin admin) {
    try {
      admin.describeCluster().clusterId().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private List<Finding> clocks(Admin admin, String bootstrap) {
    Instant before = clock.instant();
    OptionalLong theirs = time(admin);
    Instant after = clock.instant();
    if (theirs.isEmpty()) {
      return List.of();
    }
    Duration ahead = Duration.between(after, Instant.ofEpochMilli(theirs.getAsLong()));
    Duration behind = Duration.between(Instant.ofEpochMilli(theirs.getAsLong()), before);
    boolean isAhead = ahead.compareTo(behind) > 0;
    Duration skew = isAhead ? ahead : behind;
    if (skew.compareTo(CLOCKS_MAY_DIFFER) <= 0) {
      return List.of();
    }
    return List.of(
        new Finding(
            "clock",
            bootstrap,
            "Kafka's clock is "
                + skew.toMillis() / 1000.0
                + " s "
                + (isAhead ? "ahead of" : "behind")
                + " this machine's",
            "set both by NTP: genuine requests are refused as stale, and windows are misjudged"));
  }

  /** The leader of the quorum has caught up with itself just now: that is its clock. */
  private static OptionalLong time(Admin admin) {
    try {
      QuorumInfo quorum =
          admin
              .describeMetadataQuorum()
              .quorumInfo()
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return quorum.voters().stream()
          .filter(voter -> voter.replicaId() == quorum.leaderId())
          .map(QuorumInfo.ReplicaState::lastCaughtUpTimestamp)
          .flatMapToLong(OptionalLong::stream)
          .filter(millis -> millis > 0)
          .findFirst();
    } catch (ExecutionException | TimeoutException e) {
      return OptionalLong.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }

  private List<Finding> topics(Cluster cluster) {
    TopicNames names = new TopicNames(topics.prefix());
    ControlState state;
    try (ControlReader reader = new ControlReader(kafka, names)) {
      state = reader.read();
    }
    TopicPlan plan = TopicPlan.of(cluster, new TopicSetup(topics, scale), names, state);
    List<Finding> findings = new ArrayList<>();
    plan.missing()
        .forEach(topic ->
            findings.add(
                new Finding(
                    "topic",
                    topic.name(),
                    "does not exist",
                    "vestibule topics apply, or start a service: it creates what is missing")));
    for (TopicDifference difference : plan.differences()) {
      findings.add(
          new Finding(
              "topic",
              difference.topic(),
              difference.setting()
                  + " is "
                  + difference.found()
                  + ", expected "
                  + difference.expected(),
              difference.remedy()));
    }
    return findings;
  }

  static List<Finding> ofRegistry(RegistryConfig registry) {
    String url = registry.url();
    return url == null
        ? List.of()
        : List.of(url.split(",")).stream()
            .map(String::strip)
            .flatMap(one -> ofRegistry(one, registry).stream())
            .toList();
  }

  private static List<Finding> ofRegistry(String url, RegistryConfig registry) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url.replaceAll("/+$", "") + "/subjects"))
            .timeout(PATIENCE);
    String user = registry.userInfo();
    if (user != null) {
      request.header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
    }
    String problem;
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      int status = http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status == 200) {
        return List.of();
      }
      problem = "answers " + status;
    } catch (IOException e) {
      problem = "does not answer: " + e.getClass().getSimpleName();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      problem = "was not waited for";
    }
    return List.of(
        new Finding(
            "registry",
            url,
            problem,
            "check registry.url and registry.auth; without it nothing is normalized"));
  }
}
