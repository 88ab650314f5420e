package io.tidelog.delay;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.delay.DelayTopicName.Delay;
import io.tidelog.delay.DelayTopicName.NearMiss;
import io.tidelog.delay.DelayTopicName.Plain;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DelayTopicNameTest {

  private static final DelayNamingConfig CONFIG = DelayNamingConfig.DEFAULT;

  @ParameterizedTest
  @CsvSource({
    "orders_30m, orders, 1800000",
    "orders_1ms, orders, 1",
    "orders_99999s, orders, 99999000",
    "orders_2h, orders, 7200000",
    "orders_366d, orders, 31622400000",
    "orders_5m_10s, orders_5m, 10000",
    "orders__5m, orders_, 300000",
    "_x_5m, _x, 300000",
    "a.b-c_1s, a.b-c, 1000"
  })
  void aLegalSuffixIsADelay(String name, String base, long delayMs) {
    assertThat(DelayTopicName.parse(name, CONFIG)).isEqualTo(new Delay(base, delayMs));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "orders", "orders_007s", "orders_0s", "orders_1M", "orders-5m", "orders.5m", "orders_m",
        "orders_5", "_5m", "__internal_5m", "orders_-5m", "orders_5m_", "orders_5x", "orders_5 m",
        "bad name_5m", "._5m", ".._5m", "", "orders_5m\n", "orders_٣m"
      })
  void anythingElseIsPlain(String name) {
    assertThat(DelayTopicName.parse(name, CONFIG)).isEqualTo(new Plain());
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders_30min", "orders_10sec", "orders_100000s", "orders_367d"})
  void whatWasPerhapsMeantAsADelayIsANearMiss(String name) {
    assertThat(DelayTopicName.parse(name, CONFIG)).isInstanceOf(NearMiss.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"crypto_ohlcv_1m", "BTC_KLine_5m", "cpu.metrics_1h", "sales_agg_1d", "rollup_1h"})
  void namesOfMarketAndMetricSeriesArePlain(String name) {
    assertThat(DelayTopicName.parse(name, CONFIG)).isEqualTo(new Plain());
  }

  @Test
  void anExcludedWordCountsOnlyBeforeTheSuffix() {
    var config = new DelayNamingConfig(true, Long.MAX_VALUE, List.of("5m", ""));
    assertThat(DelayTopicName.parse("orders_5m", config)).isEqualTo(new Delay("orders", 300_000));
    assertThat(DelayTopicName.parse("orders_5m_1s", config)).isEqualTo(new Plain());
  }

  @Test
  void nothingIsADelayWhenNamingIsOff() {
    var off = new DelayNamingConfig(false, CONFIG.maxDelayMs(), List.of());
    assertThat(DelayTopicName.parse("orders_5m", off)).isEqualTo(new Plain());
    assertThat(DelayTopicName.parse("orders_30min", off)).isEqualTo(new Plain());
  }
}
