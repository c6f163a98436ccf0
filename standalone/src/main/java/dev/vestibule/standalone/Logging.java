package dev.vestibule.standalone;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the log of this process goes. Without a call it goes to standard error. */
final class Logging {
  private Logging() {}

  /**
   * From now on to {@code vestibule.log} in the folder, at most five files of 10 MB: whoever reads
   * our output, or does not read it, cannot hold up the pipeline.
   */
  static void toFile(Path folder) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    context.putProperty("LOG_FOLDER", folder.toString());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    URL settings =
        Objects.requireNonNull(Logging.class.getResource("/logback-file.xml"), "logback-file.xml");
    try {
      configurator.doConfigure(settings);
    } catch (JoranException e) {
      throw new IllegalStateException("logback-file.xml is broken", e);
    }
  }

  /** Nothing: the commands for people say themselves what went wrong. */
  static void off() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
    context.getLogger("dev.vestibule").setLevel(Level.OFF);
  }
}
