package dev.vestibule.standalone;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What a running {@code up} leaves in its data folder for other commands: where it listens, and the
 * token that proves that a caller may read that folder.
 *
 * @param pid process id
 * @param started when that process began, as ISO-8601; tells a living process from another one that
 *     got its id later
 * @param ingress base URL of the public port
 * @param admin base URL of the admin port
 * @param kafka {@code host:port} of the broker
 * @param registry base URL of the schema registry
 * @param token random; for the routes of the admin port that show data
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunFile(
    @JsonProperty("pid") long pid,
    @JsonProperty("started") String started,
    @JsonProperty("ingress") String ingress,
    @JsonProperty("admin") String admin,
    @JsonProperty("kafka") String kafka,
    @JsonProperty("registry") String registry,
    @JsonProperty("token") String token) {
  private static final String NAME = "run.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The file of this process. */
  static RunFile ofThisProcess(
      String ingress, String admin, String kafka, String registry, String token) {
    ProcessHandle self = ProcessHandle.current();
    return new RunFile(self.pid(), started(self), ingress, admin, kafka, registry, token);
  }

  /**
   * The file in a data folder, if the process that wrote it still runs. A file that a killed
   * process left behind counts as none.
   */
  public static Optional<RunFile> find(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      return Files.exists(file)
          ? Optional.of(JSON.readValue(Files.readAllBytes(file), RunFile.class))
              .filter(RunFile::alive)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  void write(Path folder) throws IOException {
    OwnerOnly.write(folder.resolve(NAME), JSON.writeValueAsString(this) + "\n");
  }

  static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(NAME));
  }

  private boolean alive() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .map(RunFile::started)
        .filter(start -> Objects.equals(start, started))
        .isPresent();
  }

  private static String started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }

  @Override
  public String toString() {
    return "RunFile[pid=" + pid + "]";
  }
}
