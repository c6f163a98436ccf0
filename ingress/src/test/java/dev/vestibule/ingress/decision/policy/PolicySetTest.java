package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.ingress.decision.policy.Decision.Basis;
import dev.vestibule.ingress.decision.policy.Decision.Shadow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PolicySetTest {
  private static final Input HIT = Written.hit(100);

  /** What the expression of a policy does with {@link #HIT}. */
  private enum Behaviour {
    MATCHES("size(visitor.name) == 3"),
    DOES_NOT_MATCH("size(visitor.name) == 4"),
    MISSING_FACT("visitor.email == 'a'"),
    MISSING_ANSWER("entry.answers['nobody asked'] == 'a'"),
    OVERFLOW("9223372036854775807 + size(visitor.name) > 0"),
    DIVISION("1 / (size(visitor.name) - 3) == 0"),
    INDEX("['a'][size(visitor.name)] == 'a'"),
    BUDGET("entry.answers.all(a, entry.answers.all(b, a != 'x')) || true"),
    NO_NUMBER("int(visitor.name) > 0"),
    BROKEN("");

    private final String expression;

    Behaviour(String expression) {
      this.expression = expression;
    }

    boolean fails() {
      return this != MATCHES && this != DOES_NOT_MATCH;
    }
  }

  private record Known(CompiledPolicy compiled, Behaviour behaviour) {
    Policy policy() {
      return compiled.policy();
    }
  }

  @Test
  void randomSetsDecideAsTheSpecificationSays() {
    List<Known> pool = pool();
    long seed = new Random().nextLong();
    System.out.println("PolicySetTest seed " + seed);
    Random random = new Random(seed);
    int approvals = 0;
    int fallbacks = 0;
    for (int i = 0; i < 10_000; i++) {
      Collections.shuffle(pool, random);
      List<Known> some = List.copyOf(pool.subList(0, random.nextInt(7)));
      Outcome otherwise = random.nextBoolean() ? Outcome.APPROVE : Outcome.REVIEW;

      Decision decision =
          PolicySet.of(some.stream().map(Known::compiled).toList()).decide(HIT, "app", otherwise);

      List<String> set =
          some.stream()
              .map(k -> k.policy().id() + " at " + k.policy().order() + " " + k.behaviour())
              .toList();
      assertThat(decision.outcome()).as("%s", set).isEqualTo(expected(some, otherwise));
      if (decision.basis() == Basis.FALLBACK) {
        fallbacks++;
        assertThat(decision.outcome()).isEqualTo(Outcome.REVIEW);
        assertThat(decision.rule()).isNotNull();
        assertThat(decision.problem()).isNotBlank();
      }
      if (decision.outcome() == Outcome.APPROVE) {
        approvals++;
        assertThat(approvalIsSound(decision, some, otherwise)).as("%s", set).isTrue();
      }
      assertThat(decision.shadows().stream().map(Shadow::policy))
          .as("%s", set)
          .containsExactlyInAnyOrderElementsOf(
              some.stream()
                  .filter(k -> k.policy().mode() == Policy.Mode.SHADOW)
                  .filter(k -> k.behaviour() != Behaviour.DOES_NOT_MATCH)
                  .map(k -> k.policy().ref())
                  .toList());
    }
    assertThat(approvals).isGreaterThan(500);
    assertThat(fallbacks).isGreaterThan(500);
  }

  /** Order by order; at one order a review or a failing review weighs more than an approval. */
  private static Outcome expected(List<Known> policies, Outcome otherwise) {
    Map<Integer, List<Known>> byOrder = new TreeMap<>();
    for (Known known : policies) {
      if (known.policy().mode() == Policy.Mode.ACTIVE) {
        byOrder.computeIfAbsent(known.policy().order(), order -> new ArrayList<>()).add(known);
      }
    }
    for (List<Known> level : byOrder.values()) {
      if (level.stream()
          .anyMatch(k ->
              k.policy().outcome() == Outcome.REVIEW
                  && k.behaviour() != Behaviour.DOES_NOT_MATCH)) {
        return Outcome.REVIEW;
      }
      Optional<Known> first =
          level.stream()
              .filter(k -> k.behaviour() != Behaviour.DOES_NOT_MATCH)
              .min((a, b) -> a.policy().id().compareTo(b.policy().id()));
      if (first.isPresent()) {
        return first.get().behaviour().fails() ? Outcome.REVIEW : Outcome.APPROVE;
      }
    }
    return otherwise;
  }

  /** Said once more without the order of evaluation: nothing before it matched or failed. */
  private static boolean approvalIsSound(
      Decision decision, List<Known> policies, Outcome otherwise) {
    List<Known> loud =
        policies.stream()
            .filter(k -> k.policy().mode() == Policy.Mode.ACTIVE)
            .filter(k -> k.behaviour() != Behaviour.DOES_NOT_MATCH)
            .toList();
    if (decision.rule() == null) {
      return loud.isEmpty() && otherwise == Outcome.APPROVE;
    }
    Known rule =
        loud.stream().filter(k -> k.policy().ref().equals(decision.rule())).findFirst().get();
    return rule.behaviour() == Behaviour.MATCHES
        && rule.policy().outcome() == Outcome.APPROVE
        && loud.stream()
            .allMatch(k ->
                k.policy().order() > rule.policy().order()
                    || (k.policy().order() == rule.policy().order()
                        && k.policy().outcome() == Outcome.APPROVE));
  }

  private static List<Known> pool() {
    List<Known> pool = new ArrayList<>();
    for (Behaviour behaviour : Behaviour.values()) {
      for (int copy = 0; copy < (behaviour.fails() ? 1 : 8); copy++) {
        for (Outcome outcome : Outcome.values()) {
          for (Policy.Mode mode : Policy.Mode.values()) {
            for (int order = 1; order <= 3; order++) {
              pool.add(known("p" + pool.size(), behaviour, outcome, mode, order));
            }
          }
        }
      }
    }
    return pool;
  }

  private static Known known(
      String id, Behaviour behaviour, Outcome outcome, Policy.Mode mode, int order) {
    Map<String, Object> keys =
        behaviour == Behaviour.BROKEN
            ? Written.with("when", "visitor.nobody == 'x'")
            : Written.asking(behaviour.expression);
    keys.put("id", id);
    keys.put("outcome", outcome.name());
    keys.put("mode", mode.name());
    keys.put("order", order);
    byte[] record = Written.json(keys).getBytes(StandardCharsets.UTF_8);
    CompiledPolicy compiled = Written.COMPILER.load(id, record);
    assertThat(compiled.broken() == null).isEqualTo(behaviour != Behaviour.BROKEN);
    return new Known(compiled, behaviour);
  }

  @Test
  void recordThatNobodyCanReadStopsApprovals() {
    CompiledPolicy approve =
        known("a", Behaviour.MATCHES, Outcome.APPROVE, Policy.Mode.ACTIVE, 0).compiled();
    CompiledPolicy unreadable = Written.COMPILER.load("z", new byte[] {1});

    Decision decision =
        PolicySet.of(List.of(approve, unreadable)).decide(HIT, "app", Outcome.APPROVE);

    assertThat(decision.outcome()).isEqualTo(Outcome.REVIEW);
    assertThat(decision.basis()).isEqualTo(Basis.FALLBACK);
    assertThat(decision.rule()).isEqualTo(new Policy.Ref("z", 0));
    assertThat(decision.problem()).isEqualTo("is not valid JSON; publish the policy again");
  }

  @Test
  void unreadableInputIsReviewedWithoutAskingAnyPolicy() {
    PolicySet policies =
        PolicySet.of(
            List.of(
                known("a", Behaviour.MATCHES, Outcome.APPROVE, Policy.Mode.ACTIVE, 0).compiled(),
                known("b", Behaviour.MATCHES, Outcome.APPROVE, Policy.Mode.SHADOW, 0).compiled()));
    Input input = Input.builder().text(Fact.VISITOR_NAME, "yes").unreadable("payload.type").build();

    Decision decision = policies.decide(input, "app", Outcome.APPROVE);

    assertThat(decision.outcome()).isEqualTo(Outcome.REVIEW);
    assertThat(decision.basis()).isEqualTo(Basis.FALLBACK);
    assertThat(decision.rule()).isNull();
    assertThat(decision.problem()).isEqualTo("payload.type is unreadable");
    assertThat(decision.message()).isEqualTo("app: please check this visitor by hand.");
    assertThat(decision.shadows()).isEmpty();
  }

  @Test
  void watchlistTurnsTheDecision() {
    CompiledPolicy policy =
        Written.accepted(
            Map.of(
                "id", "listed",
                "version", 1,
                "order", 1,
                "when", "watchlist.hit && watchlist.score >= 80",
                "outcome", "REVIEW",
                "message", "{visitor.name} needs a second look",
                "examples",
                    List.of(
                        Map.of(
                            "name",
                            "listed",
                            "input",
                            Map.of("watchlist", Map.of("hit", true, "score", 90)),
                            "matches",
                            true),
                        Map.of(
                            "name",
                            "not listed",
                            "input",
                            Map.of("watchlist", Map.of("hit", false, "score", 0)),
                            "matches",
                            false))));
    PolicySet policies = PolicySet.of(List.of(policy));

    Decision listed =
        policies.decide(
            HIT.withWatchlist(true, 95, List.of("stalkers of hit")), "app", Outcome.APPROVE);
    Decision free = policies.decide(HIT.withWatchlist(false, 0, List.of()), "app", Outcome.APPROVE);
    Decision unknown = policies.decide(HIT, "app", Outcome.APPROVE);

    assertThat(listed.outcome()).isEqualTo(Outcome.REVIEW);
    assertThat(listed.message()).isEqualTo("app: hit needs a second look");
    assertThat(free.outcome()).isEqualTo(Outcome.APPROVE);
    assertThat(unknown.basis()).isEqualTo(Basis.FALLBACK);
    assertThat(unknown.problem()).startsWith("watchlist.hit is missing");
  }

  @Test
  void addingTheWatchlistKeepsTheUnreadableMark() {
    Input input = Input.builder().unreadable("body").build().withWatchlist(false, 0, List.of());

    assertThat(input.unreadable()).isEqualTo("body");
  }

  @Test
  void manyThreadsShareOneSet() {
    PolicySet policies =
        PolicySet.of(
            List.of(
                Written.accepted(
                    Written.with(
                        "when",
                        "visitor.name == 'yes' || visitor.name.matches('^even [0-9]+$')"))));

    List<Outcome> outcomes =
        IntStream.range(0, 20_000)
            .parallel()
            .mapToObj(i -> (i % 2 == 0 ? "even " : "odd ") + i)
            .map(name -> Input.builder().text(Fact.VISITOR_NAME, name).build())
            .map(input -> policies.decide(input, "app", Outcome.APPROVE).outcome())
            .toList();

    for (int i = 0; i < outcomes.size(); i++) {
      assertThat(outcomes.get(i)).isEqualTo(i % 2 == 0 ? Outcome.REVIEW : Outcome.APPROVE);
    }
  }

  @Test
  void twoPoliciesOfOneIdAreRefused() {
    CompiledPolicy policy = Written.accepted(Written.keys());

    assertThatThrownBy(() -> PolicySet.of(List.of(policy, policy)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two policies have the same id; keep the newest");
  }
}
