package io.tidelog.hot.disk;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps a replica's promise, as {@code io.tidelog.hot.replica.Promise} explains it, in the log's
 * folder. Blocking.
 *
 * @param term promised to be the candidate's own
 * @param baseRevision of the record that the candidate proposed to replace
 */
public record PromiseFile(long term, long baseRevision) {

  /** The file that holds it, as {@code disk.properties} does. */
  public static final String FILE = "promise.properties";

  private static final String TERM = "term";
  private static final String BASE_REVISION = "base.revision";
  private static final PromiseFile NONE = new PromiseFile(0, -1);

  /**
   * The promise in the folder, or one of nothing when there is none.
   *
   * @throws Fault.Broken when it is damaged: what was promised is not known
   */
  public static PromiseFile read(LogDisk disk) throws IOException {
    if (!disk.list().contains(FILE)) {
      return NONE;
    }
    var values = CheckedProperties.read(disk, FILE);
    if (values == null) {
      throw new Fault.Broken(FILE + " is damaged, folder=" + disk.describe());
    }
    return new PromiseFile(number(disk, values, TERM), number(disk, values, BASE_REVISION));
  }

  private static long number(LogDisk disk, Map<String, String> values, String key) {
    var value = values.getOrDefault(key, "");
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new Fault.Broken(
          FILE + " is not understood, folder=" + disk.describe() + " " + key + "=" + value, e);
    }
  }

  /** Durable when it returns. */
  public void write(LogDisk disk) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(TERM, Long.toString(term));
    values.put(BASE_REVISION, Long.toString(baseRevision));
    CheckedProperties.write(disk, FILE, values);
  }
}
