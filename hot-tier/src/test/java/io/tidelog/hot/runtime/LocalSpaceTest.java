package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LocalSpaceTest {

  private static final LogId FIRST = new LogId(new UUID(0, 1));
  private static final LogId SECOND = new LogId(new UUID(0, 2));

  private final LocalSpace space = new LocalSpace(1_000);

  @Test
  void theOnlyLogHasAllOfIt() {
    assertThat(space.maxBytes(FIRST)).isEqualTo(1_000);
    space.onUsed(FIRST, 900);
    assertThat(space.maxBytes(FIRST)).isEqualTo(1_000);
    assertThat(space.asPartOfWhole(FIRST, 300)).isEqualTo(300);
  }

  @Test
  void aLogMayUseWhatTheOthersLeave() {
    space.onUsed(FIRST, 600);
    space.onUsed(SECOND, 100);
    assertThat(space.maxBytes(FIRST)).isEqualTo(900);
    assertThat(space.maxBytes(SECOND)).isEqualTo(500);
  }

  @Test
  void everyLogHasAnEqualShareWhateverTheOthersUse() {
    space.onUsed(FIRST, 2_000);
    space.onUsed(SECOND, 100);
    assertThat(space.maxBytes(SECOND)).isEqualTo(500);
    assertThat(space.maxBytes(FIRST)).isEqualTo(900);
    assertThat(space.asPartOfWhole(SECOND, 300)).isEqualTo(600);
  }

  @Test
  void aLogThatIsGoneLeavesItsSpace() {
    space.onUsed(FIRST, 600);
    space.onUsed(SECOND, 700);
    space.onUsed(FIRST, 500);
    space.forget(FIRST);
    assertThat(space.maxBytes(SECOND)).isEqualTo(1_000);
    space.forget(FIRST);
    assertThat(space.maxBytes(SECOND)).isEqualTo(1_000);
  }
}
