package io.tidelog.hot.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TermHistoryTest {

  private static TermHistory of(long... termsAndStarts) {
    var history = TermHistory.EMPTY;
    for (int i = 0; i < termsAndStarts.length; i += 2) {
      history = history.with(termsAndStarts[i], termsAndStarts[i + 1]);
    }
    return history;
  }

  @Test
  void aFollowerThatIsOnlyBehindLosesNothing() {
    var leader = of(1, 0, 2, 100);
    assertThat(of(1, 0).commonEndLsn(80, leader, 150)).isEqualTo(80);
    assertThat(leader.commonEndLsn(130, leader, 150)).isEqualTo(130);
  }

  @Test
  void whatAnotherTermWroteInItsPlaceIsCut() {
    // H1: not its own commit LSN, but the lineage of terms decides.
    assertThat(of(1, 0).commonEndLsn(150, of(1, 0, 2, 100), 150)).isEqualTo(100);
    assertThat(of(1, 0, 3, 60).commonEndLsn(150, of(1, 0, 2, 100), 150)).isEqualTo(60);
  }

  @Test
  void fastSuccessiveLeadersAreSteppedBackTermByTerm() {
    // H2, KIP-279: each has terms that the other one never saw.
    var one = of(1, 0, 4, 50, 6, 90, 8, 120);
    var other = of(1, 0, 4, 50, 5, 70, 7, 110, 9, 130);
    assertThat(one.commonEndLsn(200, other, 200)).isEqualTo(70);
    assertThat(other.commonEndLsn(200, one, 200)).isEqualTo(70);
  }

  @Test
  void aTermThatWroteNothingHereIsNotCommon() {
    assertThat(of(1, 0, 2, 100).commonEndLsn(100, of(1, 0, 2, 100), 150)).isEqualTo(100);
    assertThat(of(1, 0, 2, 100).upTo(100)).isEqualTo(of(1, 0));
    assertThat(of(1, 0).commonEndLsn(0, of(2, 0), 50)).isZero();
  }

  @Test
  void logsThatDifferFromTheirFirstByteHaveNothingInCommon() {
    assertThat(of(1, 0).commonEndLsn(100, of(2, 0), 100)).isZero();
  }

  @Test
  void withoutACommonTermTheAnswerIsUnknown() {
    assertThat(of(3, 400).commonEndLsn(500, of(5, 600), 700)).isEqualTo(TermHistory.UNKNOWN);
    assertThat(TermHistory.EMPTY.commonEndLsn(500, of(5, 0), 700)).isEqualTo(TermHistory.UNKNOWN);
  }

  @Test
  void theOldestTermsAreForgottenFirst() {
    var history = TermHistory.EMPTY;
    for (int term = 1; term <= TermHistory.MAX_TERMS + 5; term++) {
      history = history.with(term, term * 10L);
    }
    assertThat(history.count()).isEqualTo(TermHistory.MAX_TERMS);
    assertThat(history.termAt(0)).isEqualTo(6);
    assertThat(history.lastTerm()).isEqualTo(TermHistory.MAX_TERMS + 5);
  }

  @Test
  void aTermThatDoesNotComeAfterTheLastOneIsABug() {
    assertThatThrownBy(() -> of(2, 10, 2, 20)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> of(2, 10, 3, 10)).isInstanceOf(IllegalArgumentException.class);
  }

  /** A copy of a log as its real bytes: each one names its term and its number in it. */
  private static final class Copy {
    final List<Long> bytes = new ArrayList<>();

    TermHistory history() {
      var history = TermHistory.EMPTY;
      long last = -1;
      for (int lsn = 0; lsn < bytes.size(); lsn++) {
        long term = bytes.get(lsn) >>> 32;
        if (term != last) {
          history = history.with(term, lsn);
          last = term;
        }
      }
      return history;
    }

    int commonWith(Copy other) {
      int lsn = 0;
      while (lsn < Math.min(bytes.size(), other.bytes.size())
          && bytes.get(lsn).equals(other.bytes.get(lsn))) {
        lsn++;
      }
      return lsn;
    }

    long end() {
      return bytes.size();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void theCommonEndIsWhereTheBytesPart(long seed) {
    var random = new Random(seed);
    List<Copy> copies = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      copies.add(new Copy());
    }
    long term = 0;
    for (int step = 0; step < 3_000; step++) {
      // Whoever leads next has whatever it has, as after an unclean election: worse than real.
      term += 1 + random.nextInt(2);
      var leader = copies.get(random.nextInt(copies.size()));
      int written = 1 + random.nextInt(6);
      for (int i = 0; i < written; i++) {
        leader.bytes.add(term << 32 | i);
      }
      for (var follower : copies) {
        if (follower != leader && random.nextInt(3) == 0) {
          follow(follower, leader, random, seed);
        }
      }
      if (random.nextInt(4) == 0) {
        var torn = copies.get(random.nextInt(copies.size()));
        int kept = Math.max(0, torn.bytes.size() - random.nextInt(8));
        torn.bytes.subList(kept, torn.bytes.size()).clear();
      }
      if (leader.bytes.size() > 60) {
        copies.forEach(
            copy -> copy.bytes.subList(copy.bytes.size() / 2, copy.bytes.size()).clear());
      }
    }
  }

  private static void follow(Copy follower, Copy leader, Random random, long seed) {
    long common = follower.history().commonEndLsn(follower.end(), leader.history(), leader.end());
    assertThat(common).as("seed %d", seed).isEqualTo(follower.commonWith(leader));
    follower.bytes.subList((int) common, follower.bytes.size()).clear();
    int upTo = (int) common + random.nextInt((int) (leader.end() - common) + 1);
    follower.bytes.addAll(leader.bytes.subList((int) common, upTo));
  }
}
