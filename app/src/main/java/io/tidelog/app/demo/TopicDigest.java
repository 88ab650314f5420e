package io.tidelog.app.demo;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A checksum of a topic's values that changes when one is lost, doubled, altered or out of order in
 * its partition: SHA-256 over the partitions' SHA-256, each over the values in offset order.
 */
final class TopicDigest {

  private final List<MessageDigest> partitions = new ArrayList<>();
  private long count;

  TopicDigest(int partitionCount) {
    for (int i = 0; i < partitionCount; i++) {
      partitions.add(sha256());
    }
  }

  void add(int partition, String value) {
    var digest = partitions.get(partition);
    digest.update(value.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    count++;
  }

  long count() {
    return count;
  }

  /** The checksum so far; may be asked once. */
  String hex() {
    var whole = sha256();
    partitions.forEach(digest -> whole.update(digest.digest()));
    return HexFormat.of().formatHex(whole.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
