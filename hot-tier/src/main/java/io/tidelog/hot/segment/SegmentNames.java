package io.tidelog.hot.segment;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** How the files of a log folder are called; an LSN is 20 digits, so that names sort by it. */
final class SegmentNames {

  static final String SEGMENT = ".seg";
  static final String INDEX = ".idx";
  static final String CHECKPOINT = ".ckpt";

  /** A segment that was trimmed and is still being read. */
  static final String TRIMMED = ".trimmed";

  /** A file that is being written under a name that means nothing yet. */
  static final String TEMP = ".tmp";

  static final String SPARE_PREFIX = "spare-";
  static final String SPARE = ".bin";
  static final String RESERVE = "reserve.bin";

  private static final int DIGITS = 20;

  private SegmentNames() {}

  static String of(long lsn, String suffix) {
    return String.format(Locale.ROOT, "%0" + DIGITS + "d%s", lsn, suffix);
  }

  static boolean is(String name, String suffix) {
    return name.length() == DIGITS + suffix.length()
        && name.endsWith(suffix)
        && name.chars().limit(DIGITS).allMatch(c -> c >= '0' && c <= '9')
        && name.compareTo("09223372036854775807" + suffix) <= 0;
  }

  /** The LSNs in the names with this suffix, ascending. */
  static List<Long> lsns(List<String> names, String suffix) {
    return names.stream()
        .filter(name -> is(name, suffix))
        .map(name -> Long.parseLong(name.substring(0, DIGITS)))
        .sorted(Comparator.naturalOrder())
        .toList();
  }
}
