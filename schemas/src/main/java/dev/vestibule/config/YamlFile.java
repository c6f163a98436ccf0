package dev.vestibule.config;

import dev.vestibule.config.Setting.Group;
import dev.vestibule.config.Setting.Items;
import dev.vestibule.config.Setting.Text;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 into {@link Setting}s. Values stay text, keys without a value are left out, a key
 * given twice is refused. Messages give the line, never the text around it, which may be a secret.
 */
final class YamlFile {
  private static final int MAX_DEPTH = 20;
  private static final String EXPECTED = "; expected the key 'vestibule'";

  private final Placeholders placeholders;

  YamlFile(Placeholders placeholders) {
    this.placeholders = placeholders;
  }

  /** The keys of the file; none for an empty one. */
  Group read(Path file) {
    String name = String.valueOf(file.getFileName());
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new ConfigException(name, "is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(
          "config", "'" + Display.of(file.toString()) + "' cannot be read; expected a YAML file");
    }
    Optional<Node> root;
    try {
      LoadSettings settings =
          LoadSettings.builder().setSchema(new CoreSchema()).setAllowDuplicateKeys(false).build();
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      throw new ConfigException(name + at(e.getProblemMark()), "is not valid YAML");
    } catch (YamlEngineException e) {
      throw new ConfigException(name, "is not valid YAML");
    }
    Setting setting = root.map(node -> setting("", node, name, 0)).orElse(null);
    return switch (setting) {
      case null -> new Group(new LinkedHashMap<>());
      case Group group -> group;
      case Text _ -> throw new ConfigException(name, "holds a single value" + EXPECTED);
      case Items _ -> throw new ConfigException(name, "holds a list" + EXPECTED);
    };
  }

  private @Nullable Setting setting(String path, Node node, String file, int depth) {
    if (depth > MAX_DEPTH) {
      throw new ConfigException(file + at(node.getStartMark()), "is nested too deeply");
    }
    return switch (node) {
      case ScalarNode scalar ->
          scalar.getTag().equals(Tag.NULL)
              ? null
              : new Text(placeholders.expand(path, scalar.getValue()), null);
      case SequenceNode sequence -> {
        List<Setting> values = new ArrayList<>();
        for (Node element : sequence.getValue()) {
          Setting value = setting(path + "[" + values.size() + "]", element, file, depth + 1);
          if (value == null) {
            throw new ConfigException(
                path + "[" + values.size() + "]", "is empty; expected a value");
          }
          values.add(value);
        }
        yield new Items(values);
      }
      case MappingNode mapping -> group(path, mapping, file, depth);
      default -> throw new ConfigException(file + at(node.getStartMark()), "is not valid YAML");
    };
  }

  private Group group(String path, MappingNode mapping, String file, int depth) {
    Map<String, Setting> values = new LinkedHashMap<>();
    Map<String, Boolean> seen = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new ConfigException(
            file + at(tuple.getKeyNode().getStartMark()), "a key must be plain text");
      }
      String inner = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
      if (seen.put(key.getValue(), true) != null) {
        throw new ConfigException(
            Display.of(inner),
            "is given twice" + at(key.getStartMark()) + "; expected each key once");
      }
      // The root key is left out of paths: it would be the same in every message.
      Setting value = setting(depth == 0 ? "" : inner, tuple.getValueNode(), file, depth + 1);
      if (value != null) {
        values.put(key.getValue(), value);
      }
    }
    return new Group(values);
  }

  private static String at(Optional<Mark> mark) {
    return mark.map(m -> " line " + (m.getLine() + 1) + " column " + (m.getColumn() + 1))
        .orElse("");
  }
}
