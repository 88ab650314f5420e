package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.ConfigUpdate.Action;
import io.tidelog.metadata.api.ConfigUpdate.ConfigChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Carries a {@link ConfigUpdate} over to a map of settings; pure, checks no value. */
final class ConfigPlanner {

  private ConfigPlanner() {}

  /**
   * What is set afterwards.
   *
   * @param settingOf finds a setting by name or refuses it
   * @param inherited what holds for a setting that is not set
   */
  static Map<String, String> plan(
      Map<String, String> current,
      ConfigUpdate update,
      Function<String, Setting<?>> settingOf,
      Function<Setting<?>, String> inherited) {
    return switch (update) {
      case ConfigUpdate.Replace replace -> {
        var known = new HashMap<String, String>();
        replace.configs().forEach((name, text) -> known.put(settingOf.apply(name).name(), text));
        yield Map.copyOf(known);
      }
      case ConfigUpdate.Edit edit -> {
        checkNames(edit.changes());
        var next = new HashMap<>(current);
        for (var change : edit.changes()) {
          if (change.action() == Action.DELETE) {
            // Of whatever name: tools tidy up after themselves what they may never have set.
            next.remove(change.name());
          } else {
            var setting = settingOf.apply(change.name());
            next.put(change.name(), planValue(change, setting, next, inherited));
          }
        }
        yield Map.copyOf(next);
      }
    };
  }

  private static void checkNames(List<ConfigChange> changes) {
    var seen = new HashSet<String>();
    for (var change : changes) {
      if (!seen.add(change.name())) {
        throw invalidRequest("Error due to duplicate config keys");
      }
      if (change.value() == null && change.action() != Action.DELETE) {
        throw invalidRequest("Null value not supported for : " + change.name());
      }
    }
  }

  private static String planValue(
      ConfigChange change,
      Setting<?> setting,
      Map<String, String> current,
      Function<Setting<?>, String> inherited) {
    var value = change.value() == null ? "" : change.value();
    if (change.action() == Action.SET) {
      return value;
    }
    if (setting.type() != Setting.Type.LIST) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "Can't "
              + change.action()
              + " to key "
              + change.name()
              + " because its type is not LIST.");
    }
    var own = current.get(change.name());
    var words = words(own == null ? inherited.apply(setting) : own);
    for (var word : words(value)) {
      if (change.action() == Action.SUBTRACT) {
        words.remove(word);
      } else if (!words.contains(word)) {
        words.add(word);
      }
    }
    return String.join(",", words);
  }

  private static List<String> words(String list) {
    var words = new ArrayList<>(Arrays.asList(list.strip().split("\\s*,\\s*", -1)));
    words.removeIf(String::isEmpty);
    return words;
  }

  private static Fault.Refused invalidRequest(String message) {
    return new Fault.Refused(Refusal.INVALID_REQUEST, message);
  }
}
