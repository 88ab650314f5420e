package io.tidelog.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {

  @Test
  void aSecretIsShownToNobodyWhoPrintsIt() {
    var setting = Setting.ofSecret("some.password", "Whatever.");
    var secret = setting.parse("hunter2");
    assertThat(secret.reveal()).isEqualTo("hunter2");
    assertThat("password=" + secret).isEqualTo("password=[hidden]");
    assertThat(setting.isSecret()).isTrue();
    assertThat(setting.defaultValue().isEmpty()).isTrue();
  }
}
