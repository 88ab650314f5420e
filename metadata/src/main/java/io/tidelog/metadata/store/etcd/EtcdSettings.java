package io.tidelog.metadata.store.etcd;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Secret;
import io.tidelog.core.config.Setting;
import java.util.List;

/** The settings of a node that say how it reaches etcd. */
public final class EtcdSettings {

  private static final int MIB = 1024 * 1024;

  public static final Setting<List<String>> ENDPOINTS =
      Setting.ofList(
          "tidelog.etcd.endpoints",
          "",
          List.of(),
          "Members of the etcd cluster, as host:port or https://host:port; empty for a node that"
              + " keeps its metadata itself. Name all of them, so that any may fail.");

  public static final Setting<String> PREFIX =
      Setting.ofString(
          "tidelog.etcd.prefix",
          "/tidelog/",
          "What the keys of this cluster begin with in etcd. Give clusters that share an etcd"
              + " prefixes of which none begins with another, such as /tidelog/NAME/.");

  public static final Setting<String> USERNAME =
      Setting.ofString(
          "tidelog.etcd.username",
          "",
          "User at an etcd with authentication enabled; empty for none. It needs to read and write"
              + " everything below the prefix, and nothing else.");

  public static final Setting<Secret> PASSWORD =
      Setting.ofSecret("tidelog.etcd.password", "That user's password.");

  public static final Setting<String> TLS_CA_FILE =
      Setting.ofString(
          "tidelog.etcd.tls.ca.file",
          "",
          "PEM file with the authorities that etcd's certificates are checked against. When it is"
              + " set, connections use TLS; https:// alone trusts what Java trusts.");

  public static final Setting<String> TLS_CERT_FILE =
      Setting.ofString(
          "tidelog.etcd.tls.cert.file",
          "",
          "PEM file with the certificate this node shows to etcd; empty for none.");

  public static final Setting<String> TLS_KEY_FILE =
      Setting.ofString(
          "tidelog.etcd.tls.key.file",
          "",
          "PEM file with that certificate's key, PKCS #8 and without a password.");

  public static final Setting<Integer> REQUEST_TIMEOUT_MS =
      Setting.ofInt(
          "tidelog.etcd.request.timeout.ms",
          5_000,
          Bounds.between(100, 60_000),
          "ms",
          "How long a call to etcd may take once it is sent, and as long before. Raise it where"
              + " etcd's disks are slow; a dead member is noticed later then.");

  public static final Setting<Integer> WATCH_IDLE_MS =
      Setting.ofInt(
          "tidelog.etcd.watch.idle.ms",
          2_000,
          Bounds.between(100, 600_000),
          "ms",
          "After so much silence a watch asks etcd for a sign of life, and is opened anew when"
              + " none comes within the request timeout.");

  public static final Setting<Integer> RECONNECT_MS =
      Setting.ofInt(
          "tidelog.etcd.reconnect.ms",
          5_000,
          Bounds.between(100, 600_000),
          "ms",
          "While no member of etcd answers, connections to all of them are made anew this often."
              + " Raise it where connecting takes seconds.");

  public static final Setting<Integer> RESPONSE_MAX_BYTES =
      Setting.ofInt(
          "tidelog.etcd.response.max.bytes",
          64 * MIB,
          Bounds.between(4 * MIB, 1024 * MIB),
          "bytes",
          "Largest answer taken from etcd. Raise it when a read is refused for it.");

  public static final Setting<Integer> CALLS_MAX =
      Setting.ofInt(
          "tidelog.etcd.calls.max",
          256,
          Bounds.between(1, 10_000),
          "",
          "Calls sent to etcd and not yet answered; others wait here. More do not make etcd"
              + " faster.");

  public static final Setting<Integer> CALLS_WAITING_MAX =
      Setting.ofInt(
          "tidelog.etcd.calls.waiting.max",
          65_536,
          Bounds.between(1, 1_000_000),
          "",
          "Calls that wait to be sent; above it a call fails at once and may be tried again.");

  private EtcdSettings() {}

  /** Every setting of this package. */
  public static List<Setting<?>> all() {
    return List.of(
        ENDPOINTS,
        PREFIX,
        USERNAME,
        PASSWORD,
        TLS_CA_FILE,
        TLS_CERT_FILE,
        TLS_KEY_FILE,
        REQUEST_TIMEOUT_MS,
        WATCH_IDLE_MS,
        RECONNECT_MS,
        RESPONSE_MAX_BYTES,
        CALLS_MAX,
        CALLS_WAITING_MAX);
  }
}
