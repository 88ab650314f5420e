package io.tidelog.app.config;

import io.tidelog.core.config.Setting;
import java.util.List;

/**
 * Writes {@code docs/configuration.md} from the settings, which a test keeps current, and the
 * properties file of a release.
 */
public final class ConfigurationReference {

  private ConfigurationReference() {}

  /**
   * The whole page, in Markdown.
   *
   * @param topicSettings settings of a topic, in page order
   */
  public static String page(List<Setting<?>> topicSettings) {
    var page = new StringBuilder();
    page.append(
        """
        # Configuration

        Generated from the settings in the code; `./tidelog docs` writes it again.

        A node reads, the later one winning: defaults, the properties file given with `--config`
        or in the environment as `TIDELOG_CONFIG`, environment variables (`num.partitions` is `TIDELOG_NUM_PARTITIONS`, `tidelog.admin.port`
        is `TIDELOG_ADMIN_PORT`), and options of `./tidelog start`. An unknown key or a value
        out of bounds stops the start with a message; an unknown variable is only warned of.
        `./tidelog start --dry-run` prints what differs from the defaults and starts nothing; for it
        an unknown variable is a failure, too.

        ## Node

        """);
    table(page, NodeSettings.all(), true);
    page.append(
        """

        ## Topic

        Set at creation or later with `kafka-configs`; a change takes effect at once. Keys that
        Kafka knows and that have no effect here are accepted and reported, as said in the row.

        """);
    table(page, topicSettings, false);
    return page.toString();
  }

  /**
   * A properties file that changes nothing: each setting of a node with its default, commented out.
   */
  public static String properties() {
    var file = new StringBuilder();
    file.append(
        """
        # Every setting of a node with its default. A line counts once the # before it is gone.
        # Environment variables win over this file: log.dir is TIDELOG_LOG_DIR.
        """);
    for (var setting : NodeSettings.all()) {
      file.append("\n# ").append(setting.purpose()).append('\n');
      file.append("# ").append(setting.valid());
      file.append(setting.unit().isEmpty() ? "" : " " + setting.unit()).append('\n');
      file.append('#').append(setting.name()).append('=').append(setting.defaultText());
      file.append('\n');
    }
    return file.toString();
  }

  private static void table(StringBuilder page, List<Setting<?>> settings, boolean environment) {
    page.append("| Key | Default | Allowed | Unit | Restart | Meaning |\n");
    page.append("|---|---|---|---|---|---|\n");
    for (var setting : settings) {
      page.append("| `").append(setting.name()).append("` | ");
      page.append(setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "`");
      page.append(" | ").append(setting.valid());
      page.append(" | ").append(setting.unit());
      page.append(" | ").append(environment && setting.needsRestart() ? "yes" : "no");
      page.append(" | ").append(setting.purpose()).append(" |\n");
    }
  }
}
