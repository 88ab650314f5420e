package io.tidelog.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.hot.node.CopyStats;
import io.tidelog.hot.runtime.LogStats;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.image.ClusterView;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadinessTest {

  @Test
  void aNodeWhoseCopiesAllTakeRecordsLacksNothing() {
    assertThat(Readiness.missing(LogStats.NONE, new CopyStats(4, 0, 0, 0))).isNull();
    assertThat(Readiness.missing(LogStats.NONE, new CopyStats(0, 0, 0, 0))).isNull();
  }

  @Test
  void whatOnlyFollowsIsMissedToo() {
    assertThat(Readiness.missing(LogStats.NONE, new CopyStats(4, 1, 0, 0)))
        .contains("the disk is full");
    assertThat(Readiness.missing(LogStats.NONE, new CopyStats(4, 1, 2, 0)))
        .isEqualTo("2 of 4 logs here stopped until a restart\n");
    assertThat(Readiness.missing(LogStats.NONE, new CopyStats(4, 0, 0, 1)))
        .startsWith("1 logs here cannot be opened");
  }

  @Test
  void aNodeThatItsClusterDoesNotKnowIsNotReady() {
    var empty = ClusterView.empty(7, TopicDefaults.of(Map.of()));
    assertThat(Readiness.missing(empty)).startsWith("the cluster does not know this node");
    assertThat(new Readiness(() -> empty, null).now()).isEqualTo(Readiness.missing(empty));
  }
}
