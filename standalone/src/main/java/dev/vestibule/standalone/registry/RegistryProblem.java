package dev.vestibule.standalone.registry;

/** An answer that is not what was asked for, with the codes of Confluent's interface. */
final class RegistryProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final int code;

  private RegistryProblem(int status, int code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
  }

  static RegistryProblem unknownSubject(String subject) {
    return new RegistryProblem(404, 40401, "Subject '" + subject + "' not found.");
  }

  static RegistryProblem unknownVersion(String version) {
    return new RegistryProblem(404, 40402, "Version " + version + " not found.");
  }

  static RegistryProblem unknownSchema() {
    return new RegistryProblem(404, 40403, "Schema not found");
  }

  static RegistryProblem noLevel(String subject) {
    return new RegistryProblem(
        404,
        40408,
        "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static RegistryProblem notFound() {
    return new RegistryProblem(404, 404, "HTTP 404 Not Found");
  }

  static RegistryProblem notAllowed() {
    return new RegistryProblem(405, 405, "HTTP 405 Method Not Allowed");
  }

  static RegistryProblem incompatible(String subject, String details) {
    return new RegistryProblem(
        409,
        409,
        "Schema being registered is incompatible with an earlier schema for subject \""
            + subject
            + "\", details: "
            + details);
  }

  static RegistryProblem invalidSchema(String details) {
    return new RegistryProblem(422, 42201, "Invalid schema: " + details);
  }

  static RegistryProblem invalidVersion(String version) {
    return new RegistryProblem(
        422,
        42202,
        "The specified version '"
            + version
            + "' is not a valid version id. Allowed values are [1, 2^31-1] and \"latest\"");
  }

  static RegistryProblem invalidLevel(String level) {
    return new RegistryProblem(422, 42203, "Invalid compatibility level: " + level);
  }

  static RegistryProblem notStored() {
    return new RegistryProblem(
        503, 50002, "Not stored: Kafka did not acknowledge in time. Ask again.");
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }
}
