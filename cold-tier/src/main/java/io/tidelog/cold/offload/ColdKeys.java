package io.tidelog.cold.offload;

import io.tidelog.core.LogId;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Names the objects of a cluster: {@code <prefix>/<cluster>/<log>/<term>-<base LSN>-<random>.tl0},
 * the LSN with 20 digits. A name is never used for two contents: a random part keeps apart what two
 * leaders of one term, or one leader twice, upload for the same segment.
 */
public final class ColdKeys {

  public static final String SUFFIX = ".tl0";

  private static final Pattern NAME = Pattern.compile("([0-9]{1,19})-[0-9]{20}-[0-9a-f]{16}\\.tl0");

  private final String root;
  private final RandomGenerator random;

  /**
   * @param prefix folder in the bucket, may be empty and may have several segments
   * @param random drawn from by the offload lane only
   */
  public ColdKeys(String prefix, String clusterId, RandomGenerator random) {
    this.root = (prefix.isEmpty() ? "" : prefix + "/") + clusterId + "/";
    this.random = random;
  }

  /** What the keys of all objects of a log begin with. */
  public String logPrefix(LogId log) {
    return root + log + "/";
  }

  String newKey(LogId log, long term, long baseLsn) {
    return logPrefix(log) + "%d-%020d-%016x%s".formatted(term, baseLsn, random.nextLong(), SUFFIX);
  }

  /** The term in the key of an object of this log, or nothing when the key is not one of ours. */
  public OptionalLong term(LogId log, String key) {
    String prefix = logPrefix(log);
    if (!key.startsWith(prefix)) {
      return OptionalLong.empty();
    }
    var name = NAME.matcher(key.substring(prefix.length()));
    if (!name.matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(name.group(1)));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
