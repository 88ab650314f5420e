package io.tidelog.metadata.store.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.tidelog.metadata.api.Entry;
import java.nio.charset.StandardCharsets;

/**
 * Our part of etcd's keys: everything below one prefix, which nobody outside this package sees.
 *
 * @param prefix visible ASCII characters, at least one
 */
record Keyspace(String prefix) {

  ByteSequence key(String key) {
    return bytes(prefix + key);
  }

  /** The end, exclusive, of the keys that start with {@code keyPrefix}. */
  ByteSequence endOf(String keyPrefix) {
    var all = prefix + keyPrefix;
    int last = all.length() - 1;
    return bytes(all.substring(0, last) + (char) (all.charAt(last) + 1));
  }

  /** Where a reading goes on that has reached {@code key}. */
  ByteSequence after(String key) {
    return bytes(prefix + key + '\0');
  }

  String strip(ByteSequence key) {
    return key.toString(StandardCharsets.ISO_8859_1).substring(prefix.length());
  }

  Entry entry(KeyValue found) {
    return new Entry(
        strip(found.getKey()),
        found.getValue().getBytes(),
        found.getCreateRevision(),
        found.getModRevision(),
        found.getLease());
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.ISO_8859_1);
  }
}
