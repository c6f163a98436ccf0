package dev.vestibule.standalone;

import dev.vestibule.config.Display;
import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.Decision;
import dev.vestibule.ingress.decision.policy.EnvoyHook;
import dev.vestibule.ingress.decision.policy.Input;
import dev.vestibule.ingress.decision.policy.Outcome;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.Policy.Mode;
import dev.vestibule.ingress.decision.policy.PolicyCompiler;
import dev.vestibule.ingress.decision.policy.PolicyCompiler.Checked;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.standalone.TopicsCommand.Where;
import dev.vestibule.standalone.decision.PolicyChange;
import dev.vestibule.standalone.decision.PolicyTopic;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "policies",
    description = "Checks the policies that decide about visitors, and publishes them.",
    synopsisSubcommandLabel = "COMMAND")
final class PoliciesCommand implements Runnable {
  private static final long LARGEST_FILE = 4L << 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "expected check, publish, list, disable or try");
  }

  @Command(
      name = "check",
      description = "Compiles policies and runs their examples; publishes nothing.")
  int check(
      @Parameters(paramLabel = "FILE", arity = "1..*", description = "YAML or JSON.")
          List<Path> files) {
    Logging.off();
    Optional<List<Policy>> policies = accepted(files);
    policies.ifPresent(all -> print(all.stream().map(policy -> "ok  " + policy.ref()).toList()));
    return policies.isPresent() ? 0 : Vestibule.FAILED;
  }

  @Command(
      name = "publish",
      description = "Puts policies into force: all of them, or none when one is refused.")
  int publish(
      @Mixin Where where,
      @Parameters(paramLabel = "FILE", arity = "1..*", description = "YAML or JSON.")
          List<Path> files) {
    Logging.off();
    Optional<List<Policy>> policies = accepted(files);
    if (policies.isEmpty()) {
      error("nothing was published");
      return Vestibule.FAILED;
    }
    return TopicsCommand.on(
        where,
        target -> {
          try (PolicyTopic topic = new PolicyTopic(target.kafka(), target.names())) {
            Map<String, CompiledPolicy> published = topic.read(target.names());
            List<PolicyChange> changes =
                policies.get().stream()
                    .map(policy -> PolicyChange.of(published.get(policy.id()), policy))
                    .toList();
            return publish(topic, changes);
          }
        });
  }

  private int publish(PolicyTopic topic, List<PolicyChange> changes) {
    if (changes.stream().anyMatch(PolicyChange.Refused.class::isInstance)) {
      changes.forEach(change -> error(change.line()));
      error("nothing was published");
      return Vestibule.FAILED;
    }
    print(changes.stream().map(PolicyChange::line).toList());
    List<Policy> news =
        changes.stream()
            .filter(change -> !(change instanceof PolicyChange.Same))
            .map(PolicyChange::policy)
            .toList();
    if (news.isEmpty()) {
      print(List.of("nothing to do"));
    } else {
      topic.publish(news);
      print(List.of("published " + news.size()));
    }
    return 0;
  }

  @Command(
      name = "list",
      description =
          "Prints what is published, in the order in which it is asked. Exit code 3: a policy in"
              + " force cannot be used, and makes reviews.")
  int list(@Mixin Where where) {
    return TopicsCommand.on(
        where,
        target -> {
          List<CompiledPolicy> published =
              new ArrayList<>(PolicyTopic.read(target.kafka(), target.names()).values());
          published.sort(
              Comparator.comparing((CompiledPolicy compiled) -> compiled.policy().mode())
                  .thenComparingInt(compiled -> compiled.policy().order())
                  .thenComparing(compiled -> compiled.policy().outcome() == Outcome.APPROVE)
                  .thenComparing(compiled -> compiled.policy().id()));
          print(published.stream().map(PoliciesCommand::line).toList());
          return published.stream().anyMatch(PoliciesCommand::amiss) ? Vestibule.AMISS : 0;
        });
  }

  private static boolean amiss(CompiledPolicy compiled) {
    return compiled.broken() != null && compiled.policy().mode() != Mode.DISABLED;
  }

  private static String line(CompiledPolicy compiled) {
    Policy policy = compiled.policy();
    String sites = policy.sites().isEmpty() ? "all sites" : "sites " + policy.sites();
    String line =
        String.format(
            "%-8s  %7d  %-7s  %s  %s",
            policy.mode(),
            policy.order(),
            policy.outcome(),
            Display.of(policy.ref().toString()),
            sites);
    return compiled.broken() == null ? line : line + "  CANNOT BE USED: " + compiled.broken();
  }

  @Command(name = "disable", description = "Publishes a policy's next version, which never counts.")
  int disable(
      @Mixin Where where,
      @Parameters(paramLabel = "ID", description = "The policy's id.") String id) {
    return TopicsCommand.on(
        where,
        target -> {
          try (PolicyTopic topic = new PolicyTopic(target.kafka(), target.names())) {
            CompiledPolicy published = topic.read(target.names()).get(id);
            if (published == null) {
              throw new Failure(
                  "there is no policy '" + Display.of(id) + "'; 'policies list' shows them");
            }
            print(List.of(disable(topic, id, published.policy())));
            return 0;
          }
        });
  }

  private static String disable(PolicyTopic topic, String id, Policy policy) {
    if (policy.version() == 0) {
      topic.remove(id);
      return "removed " + Display.of(id) + ", which nobody can read";
    }
    if (policy.mode() == Mode.DISABLED) {
      return policy.ref() + " is disabled; nothing to do";
    }
    Policy disabled = in(Mode.DISABLED, Math.addExact(policy.version(), 1), policy);
    topic.publish(List.of(disabled));
    return "disabled " + disabled.id() + "; this is v" + disabled.version();
  }

  @Command(
      name = "try",
      description =
          "Asks a policy about one call of Envoy's hook. Exit code 3: the policy cannot tell, so"
              + " the visitor would be reviewed.")
  int tryPolicy(
      @Parameters(paramLabel = "FILE", description = "The policy, YAML or JSON.") Path file,
      @Option(
              names = "--input",
              paramLabel = "BODY.json",
              required = true,
              description = "Body of the call.")
          Path body,
      @Option(
              names = "--at",
              paramLabel = "TIME",
              description = "When it arrives, such as 2026-11-21T19:30:00Z; default: now.")
          @Nullable Instant at,
      @Option(
              names = "--source",
              paramLabel = "S",
              defaultValue = "envoy",
              description = "source.name; default: ${DEFAULT-VALUE}.")
          String source,
      @Option(
              names = "--watchlist-hit",
              description = "As if the watchlist knew the visitor; it is not asked here.")
          boolean hit,
      @Option(
              names = "--high-security",
              paramLabel = "SITE",
              description = "Id of a site that is marked so; repeat for more.")
          @Nullable Set<String> highSecurity) {
    Logging.off();
    Optional<List<Policy>> accepted = accepted(List.of(file));
    if (accepted.isEmpty()) {
      return Vestibule.FAILED;
    }
    Policy policy = accepted.get().getFirst();
    Input input =
        EnvoyHook.read(
                read(body),
                source,
                at == null ? Instant.now() : at,
                highSecurity == null ? Set.of() : highSecurity)
            .withWatchlist(hit, hit ? 100 : 0, List.of());
    CompiledPolicy asked =
        new PolicyCompiler()
            .load(policy.id(), PolicyCompiler.json(in(Mode.ACTIVE, policy.version(), policy)));
    Decision decision = PolicySet.of(List.of(asked)).decide(input, "the app", Outcome.REVIEW);
    if (decision.problem() != null) {
      print(List.of(policy.ref() + " cannot tell: " + decision.problem() + "; so REVIEW"));
      return Vestibule.AMISS;
    }
    print(
        decision.rule() == null
            ? List.of(policy.ref() + " does not match")
            : List.of(policy.ref() + " matches: " + decision.outcome(), "  " + decision.message()));
    return 0;
  }

  private static Policy in(Mode mode, int version, Policy policy) {
    return new Policy(
        policy.id(),
        version,
        policy.order(),
        policy.sites(),
        policy.when(),
        policy.outcome(),
        policy.message(),
        mode,
        policy.examples());
  }

  /** The policies of all files, in their order; empty when one is refused, and then it said why. */
  private Optional<List<Policy>> accepted(List<Path> files) {
    PolicyCompiler compiler = new PolicyCompiler();
    List<Policy> policies = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Map<String, Path> seen = new HashMap<>();
    for (Path file : files) {
      switch (compiler.check(file.toString(), new String(read(file), StandardCharsets.UTF_8))) {
        case Checked.Accepted(CompiledPolicy compiled) -> {
          Policy policy = compiled.policy();
          policies.add(policy);
          Path other = seen.putIfAbsent(policy.id(), file);
          if (other != null) {
            problems.add(
                Display.of(file.toString())
                    + ": id: '"
                    + policy.id()
                    + "' is also that of "
                    + Display.of(other.toString())
                    + "; give each policy its own");
          }
        }
        case Checked.Refused(List<String> found) -> problems.addAll(found);
      }
    }
    problems.forEach(this::error);
    return problems.isEmpty() ? Optional.of(policies) : Optional.empty();
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new Failure(
            file + " is larger than " + LARGEST_FILE + " bytes; is it the right one?");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new Failure("there is no file " + file, e);
    } catch (IOException e) {
      throw new Failure(file + " cannot be read", e);
    }
  }

  private void print(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
  }

  private void error(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }
}
