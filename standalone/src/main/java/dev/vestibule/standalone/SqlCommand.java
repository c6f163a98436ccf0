package dev.vestibule.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.sink.warehouse.Answer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "sql",
    description = "Asks the warehouse of a running `up`; reads only. A table by default.")
final class SqlCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** How rows are printed. */
  enum Format {
    TABLE,
    JSON,
    CSV
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SQL", description = "One statement that reads.")
  private String sql = "";

  @Option(names = "--data-dir", paramLabel = "D", description = "Data folder of the `up` to ask.")
  private @Nullable Path dataDir;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = "table, json (one array of objects) or csv; default ${DEFAULT-VALUE}.")
  private Format format = Format.TABLE;

  @Override
  public Integer call() throws InterruptedException {
    Logging.off();
    Answer.Rows rows = ask(AdminPort.of(dataDir, "start one or name its folder with --data-dir"));
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TABLE -> out.println(rows.text().stripTrailing());
      case JSON -> out.println(json(rows));
      case CSV -> out.print(Csv.of(rows));
    }
    out.flush();
    if (rows.truncated() != null) {
      spec.commandLine().getErr().println("vestibule sql: " + rows.truncated());
    }
    return 0;
  }

  private Answer.Rows ask(AdminPort running) throws InterruptedException {
    JsonNode body = running.post(SqlRoute.PATH, Map.of("sql", sql), PATIENCE).json();
    try {
      return JSON.treeToValue(body, Answer.Rows.class);
    } catch (JsonProcessingException e) {
      throw new Failure("the admin port answered something else than rows", e);
    }
  }

  private static String json(Answer.Rows rows) {
    List<Map<String, @Nullable Object>> objects =
        rows.rows().stream().map(row -> object(rows.columns(), row)).toList();
    try {
      return JSON.writeValueAsString(objects);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rows came as JSON", e);
    }
  }

  private static Map<String, @Nullable Object> object(
      List<String> columns, List<@Nullable Object> row) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      object.put(columns.get(i), row.get(i));
    }
    return object;
  }

  /** Rows as RFC 4180 says, null as nothing, nested values as JSON. */
  private static final class Csv {
    private static String of(Answer.Rows rows) {
      StringBuilder csv = new StringBuilder(line(rows.columns()));
      rows.rows().forEach(row -> csv.append(line(row)));
      return csv.toString();
    }

    private static String line(List<? extends @Nullable Object> cells) {
      return cells.stream().map(Csv::cell).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String cell(@Nullable Object value) {
      String text =
          switch (value) {
            case null -> "";
            case List<?> list -> SqlCommand.text(list);
            case Map<?, ?> map -> SqlCommand.text(map);
            default -> value.toString();
          };
      return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
          ? '"' + text.replace("\"", "\"\"") + '"'
          : text;
    }
  }

  private static String text(Object nested) {
    try {
      return JSON.writeValueAsString(nested);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rows came as JSON", e);
    }
  }
}
