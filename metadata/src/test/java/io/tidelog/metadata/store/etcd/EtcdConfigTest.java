package io.tidelog.metadata.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdConfigTest {

  @Test
  void membersAreNamedByHostAndPort() {
    var config = Etcd.at("etcd1:2379", "etcd2:2379").config();
    assertThat(config.endpoints())
        .containsExactly(URI.create("http://etcd1:2379"), URI.create("http://etcd2:2379"));
    assertThat(config.tls()).isNull();
    assertThat(config.login()).isNull();
    assertThat(config.prefix()).isEqualTo("/tidelog/");
  }

  @Test
  void aCertificateAuthorityOrTheSchemeAsksForTls() {
    assertThat(Etcd.at("https://etcd1:2379").config().tls())
        .isEqualTo(new EtcdConfig.Tls(null, null, null));
    assertThat(Etcd.at("etcd1:2379").with(EtcdSettings.TLS_CA_FILE, "/ca.pem").config().tls())
        .isEqualTo(new EtcdConfig.Tls(Path.of("/ca.pem"), null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "etcd1",
        "etcd1:0",
        "ftp://etcd1:1",
        "http://me:secret@etcd1:1",
        "etcd1:1/x",
        "et cd:1",
        "http://a:1,https://b:1"
      })
  void otherEndpointsAreRefused(String endpoints) {
    assertRefused(Etcd.at(endpoints), "tidelog.etcd.endpoints");
  }

  @Test
  void whatBelongsTogetherIsSetTogether() {
    assertRefused(
        Etcd.at("https://a:1").with(EtcdSettings.TLS_CERT_FILE, "/cert.pem"),
        "tidelog.etcd.tls.key.file");
    assertRefused(
        Etcd.at("a:1")
            .with(EtcdSettings.TLS_CERT_FILE, "/cert.pem")
            .with(EtcdSettings.TLS_KEY_FILE, "/key.pem"),
        "https://");
    assertRefused(Etcd.at("a:1").with(EtcdSettings.USERNAME, "tidelog"), "tidelog.etcd.password");
  }

  @Test
  void aPrefixIsNeverEmpty() {
    assertRefused(Etcd.at("a:1").prefix(""), "tidelog.etcd.prefix");
    assertRefused(Etcd.at("a:1").prefix("/with space/"), "tidelog.etcd.prefix");
  }

  @Test
  void aConfigurationShowsNoPassword() {
    var config =
        Etcd.at("a:1")
            .with(EtcdSettings.USERNAME, "tidelog")
            .with(EtcdSettings.PASSWORD, "hunter2")
            .config();
    assertThat(config.toString()).contains("tidelog").doesNotContain("hunter2");
  }

  @Test
  void aFileThatIsNoCertificateIsRefused() {
    var etcd = Etcd.at("a:1").with(EtcdSettings.TLS_CA_FILE, "/nowhere/ca.pem");
    assertThatThrownBy(etcd::open)
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("certificates");
  }

  private static void assertRefused(Etcd etcd, String named) {
    assertThatThrownBy(etcd::config).isInstanceOf(Fault.Refused.class).hasMessageContaining(named);
  }
}
