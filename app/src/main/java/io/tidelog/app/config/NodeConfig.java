package io.tidelog.app.config;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.TopicDefaults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one node as they hold. Sources, the later one winning: defaults, the properties
 * file, environment variables ({@code tidelog.admin.port} is {@code TIDELOG_ADMIN_PORT}, {@code
 * num.partitions} is {@code TIDELOG_NUM_PARTITIONS}), command line.
 */
public final class NodeConfig {

  private static final String ENVIRONMENT_PREFIX = "TIDELOG_";

  /** How keys of secrets end. */
  private static final String SECRET = ".password";

  /** Names the properties file where no option does. */
  public static final String CONFIG_VARIABLE = "TIDELOG_CONFIG";

  /** Read by the start script. */
  private static final String JVM_OPTIONS = "TIDELOG_OPTS";

  private final Map<String, String> texts;

  private NodeConfig(Map<String, String> texts) {
    this.texts = Map.copyOf(texts);
  }

  /**
   * Reads and checks every source.
   *
   * @param topicKeys names of topic defaults that may stand in the file beside {@link NodeSettings}
   * @throws Fault.Refused {@code INVALID_CONFIG}: an unknown key, a value that cannot be, or a file
   *     that cannot be read
   */
  public static NodeConfig read(
      @Nullable Path file,
      Map<String, String> environment,
      Map<String, String> commandLine,
      Set<String> topicKeys) {
    var texts = new HashMap<String, String>();
    if (file != null) {
      texts.putAll(readFile(file));
    }
    texts.putAll(fromEnvironment(environment, topicKeys));
    texts.putAll(commandLine);
    for (var entry : texts.entrySet()) {
      var setting = NodeSettings.byName().get(entry.getKey());
      if (setting != null) {
        setting.parse(entry.getValue());
      } else if (!topicKeys.contains(entry.getKey())) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG,
            "Unknown configuration " + entry.getKey() + "; see docs/configuration.md");
      }
    }
    return new NodeConfig(texts);
  }

  /** Names of the node's settings that are defaults of its topics, such as log.retention.ms. */
  public static Set<String> topicDefaultNames() {
    return TopicDefaults.nodeNames();
  }

  public <T> T get(Setting<T> setting) {
    return setting.parse(texts.getOrDefault(setting.name(), setting.defaultText()));
  }

  /** What was set, by key, sorted. */
  public Map<String, String> explicit() {
    return new TreeMap<>(texts);
  }

  /** What was set to something else than its default, by key, sorted; for people: no secrets. */
  public Map<String, String> changed() {
    var changed = explicit();
    NodeSettings.byName().forEach((key, setting) -> changed.remove(key, setting.defaultText()));
    changed.replaceAll((key, value) -> key.endsWith(SECRET) ? "(not shown)" : value);
    return changed;
  }

  private static Map<String, String> readFile(Path file) {
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG, "Cannot read the configuration file " + file + ": " + e);
    }
    var texts = new HashMap<String, String>();
    properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
    return texts;
  }

  private static Map<String, String> fromEnvironment(
      Map<String, String> environment, Set<String> topicKeys) {
    var texts = new HashMap<String, String>();
    for (var setting : NodeSettings.all()) {
      copyFromEnvironment(environment, setting.name(), texts);
    }
    for (var key : topicKeys) {
      copyFromEnvironment(environment, key, texts);
    }
    return texts;
  }

  /**
   * Names among {@code variables} that look like settings and are none, sorted. They are no reason
   * to refuse a start: container platforms add variables that begin with a service's name.
   */
  public static List<String> unknownVariables(Set<String> variables, Set<String> topicKeys) {
    var known = new HashSet<String>(Set.of(JVM_OPTIONS, CONFIG_VARIABLE));
    NodeSettings.all().forEach(setting -> known.add(environmentName(setting.name())));
    topicKeys.forEach(key -> known.add(environmentName(key)));
    return variables.stream()
        .filter(name -> name.startsWith(ENVIRONMENT_PREFIX) && !known.contains(name))
        .sorted()
        .toList();
  }

  private static void copyFromEnvironment(
      Map<String, String> environment, String key, Map<String, String> texts) {
    var value = environment.get(environmentName(key));
    if (value != null) {
      texts.put(key, value);
    }
  }

  /** The environment variable that sets {@code key}. */
  public static String environmentName(String key) {
    var name = key.replace('.', '_').toUpperCase(Locale.ROOT);
    return name.startsWith(ENVIRONMENT_PREFIX) ? name : ENVIRONMENT_PREFIX + name;
  }
}
