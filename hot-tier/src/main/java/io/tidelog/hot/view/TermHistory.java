package io.tidelog.hot.view;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which term wrote a log from which LSN on, oldest first. Immutable. Together with the end of the
 * log it tells where two copies of a log part: a term has one leader, who begins it once, so two
 * logs that both have a term from the same LSN on are the same up to there, and from there on until
 * the term ends in one of them (KIP-101, KIP-279). Terms wrote something: each has its first frame.
 */
public final class TermHistory {

  /**
   * Terms remembered; the oldest are forgotten first. Not a setting: every replica must remember
   * the same ones. Two logs whose common terms are all forgotten have no {@link #commonEndLsn}.
   */
  public static final int MAX_TERMS = 1_000;

  /** No {@link #commonEndLsn} is known: the copy has to be made anew. */
  public static final long UNKNOWN = -1;

  public static final TermHistory EMPTY = new TermHistory(new long[0], new long[0]);

  private final long[] terms;
  private final long[] startLsns;

  private TermHistory(long[] terms, long[] startLsns) {
    this.terms = terms;
    this.startLsns = startLsns;
  }

  /**
   * This history, and {@code term} wrote from {@code startLsn} on.
   *
   * @throws IllegalArgumentException when it does not come after the last one
   */
  public TermHistory with(long term, long startLsn) {
    int count = terms.length;
    if (term < 0
        || startLsn < 0
        || (count > 0 && (term <= terms[count - 1] || startLsn <= startLsns[count - 1]))) {
      throw new IllegalArgumentException("term " + term + " from " + startLsn + " in " + this);
    }
    int from = count == MAX_TERMS ? 1 : 0;
    var newTerms = Arrays.copyOfRange(terms, from, count + 1);
    var newStarts = Arrays.copyOfRange(startLsns, from, count + 1);
    newTerms[count - from] = term;
    newStarts[count - from] = startLsn;
    return new TermHistory(newTerms, newStarts);
  }

  /** Of the same log when it ends at {@code endLsn}. */
  public TermHistory upTo(long endLsn) {
    int count = terms.length;
    while (count > 0 && startLsns[count - 1] >= endLsn) {
      count--;
    }
    return count == terms.length
        ? this
        : new TermHistory(Arrays.copyOf(terms, count), Arrays.copyOf(startLsns, count));
  }

  /**
   * The LSN up to which two copies of a log are the same; the same whichever is asked.
   *
   * @param endLsn where this log ends
   * @param otherEndLsn where the other one ends
   * @return {@link #UNKNOWN} when the terms that would tell are forgotten
   */
  public long commonEndLsn(long endLsn, TermHistory other, long otherEndLsn) {
    if (endLsn == 0 || otherEndLsn == 0) {
      return 0;
    }
    var mine = upTo(endLsn);
    var theirs = other.upTo(otherEndLsn);
    int i = mine.terms.length - 1;
    int j = theirs.terms.length - 1;
    while (i >= 0 && j >= 0) {
      if (mine.terms[i] == theirs.terms[j] && mine.startLsns[i] == theirs.startLsns[j]) {
        return Math.min(mine.endLsnAt(i, endLsn), theirs.endLsnAt(j, otherEndLsn));
      }
      if (mine.terms[i] > theirs.terms[j]) {
        i--;
      } else if (mine.terms[i] < theirs.terms[j]) {
        j--;
      } else {
        i--;
        j--;
      }
    }
    return mine.beginsTheLog() && theirs.beginsTheLog() ? 0 : UNKNOWN;
  }

  private long endLsnAt(int index, long endLsn) {
    return index + 1 < startLsns.length ? startLsns[index + 1] : endLsn;
  }

  private boolean beginsTheLog() {
    return startLsns.length > 0 && startLsns[0] == 0;
  }

  /** The newest term, 0 without one. */
  public long lastTerm() {
    return terms.length == 0 ? 0 : terms[terms.length - 1];
  }

  public int count() {
    return terms.length;
  }

  public long termAt(int index) {
    return terms[index];
  }

  public long startLsnAt(int index) {
    return startLsns[index];
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TermHistory that
        && Arrays.equals(terms, that.terms)
        && Arrays.equals(startLsns, that.startLsns);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(terms) + Arrays.hashCode(startLsns);
  }

  @Override
  public String toString() {
    var text = new StringBuilder("terms");
    for (int i = 0; i < terms.length; i++) {
      text.append(' ').append(terms[i]).append('@').append(startLsns[i]);
    }
    return text.toString();
  }
}
