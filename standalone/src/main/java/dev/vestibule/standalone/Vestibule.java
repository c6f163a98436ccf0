package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.standalone.broker.PortTakenException;
import dev.vestibule.standalone.broker.TopicsUnfitException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done and something is amiss, 78
 * broken configuration. Results go to standard output, everything else to standard error; an
 * expected failure is one line there.
 */
@Command(
    name = "vestibule",
    description = "Visitor management webhooks in, one clean stream of visitor events out.",
    mixinStandardHelpOptions = true,
    versionProvider = Vestibule.Version.class,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND")
public final class Vestibule implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          UpCommand.class,
          SendCommand.class,
          TailCommand.class,
          SqlCommand.class,
          VisitCommand.class,
          AccessCommand.class,
          DeadLettersCommand.class,
          TopicsCommand.class,
          PoliciesCommand.class,
          WatchlistCommand.class,
          DoctorCommand.class);

  static final int FAILED = 1;
  static final int AMISS = 3;
  static final int BROKEN_CONFIGURATION = 78;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Vestibule() {}

  public static void main(String[] args) {
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    System.setOut(out);
    System.setErr(err);
    int code = run(out, err, args);
    out.flush();
    System.exit(code);
  }

  /**
   * Runs one command.
   *
   * @return its exit code
   */
  public static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine vestibule = new CommandLine(new Vestibule());
    addCommands(vestibule, args.length == 0 ? "" : args[0]);
    return vestibule
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Vestibule::wrongUsage)
        .setExecutionExceptionHandler(new Failures())
        .execute(args);
  }

  /** The one that is named, since making all of them takes longer than most run; else all. */
  private static void addCommands(CommandLine vestibule, String named) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    for (Class<?> command : COMMANDS) {
      commands.put(command.getAnnotation(Command.class).name(), () -> new CommandLine(command));
    }
    for (ServiceKind kind : ServiceKind.values()) {
      commands.put(kind.command(), () -> service(kind));
    }
    if (commands.containsKey(named)) {
      commands.keySet().retainAll(Set.of(named));
    }
    commands.forEach((name, command) -> vestibule.addSubcommand(name, command.get()));
  }

  private static CommandLine service(ServiceKind kind) {
    CommandLine command = new CommandLine(new ServiceCommand(kind));
    command.getCommandSpec().usageMessage().description(kind.description());
    return command;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected a command");
  }

  private static int wrongUsage(ParameterException problem, String[] args) {
    CommandLine command = problem.getCommandLine();
    command
        .getErr()
        .println(command.getCommandSpec().qualifiedName() + ": " + problem.getMessage());
    command.usage(command.getErr());
    return CommandLine.ExitCode.USAGE;
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** What a command throws, as a line and an exit code. */
  private static final class Failures implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(
        Exception problem, CommandLine command, ParseResult parsed) {
      PrintWriter err = command.getErr();
      switch (problem) {
        case ConfigException e -> {
          err.println("vestibule: configuration: " + e.getMessage());
          return BROKEN_CONFIGURATION;
        }
        case Failure e -> err.println("vestibule: " + e.getMessage());
        case TopicsUnfitException e -> err.println("vestibule: " + e.getMessage());
        case PortTakenException e -> err.println("vestibule: " + e.getMessage());
        default -> {
          LoggerFactory.getLogger(Vestibule.class).atError().setCause(problem).log("failed");
          err.println("vestibule: failed: " + oneLine(problem) + "; the log says more");
        }
      }
      return FAILED;
    }
  }

  private static String oneLine(Exception problem) {
    String message = String.valueOf(problem.getMessage());
    return problem.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
  }

  /** The version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Vestibule.class.getPackage().getImplementationVersion();
      return new String[] {"vestibule " + (version == null ? "development" : version)};
    }
  }
}
