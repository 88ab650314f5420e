package io.tidelog.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.api.ClusterImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A line against a model of nodes that take, refuse, lose, and lead in turn. */
class LineTest {

  private static final ForwardConfig CONFIG = ForwardConfig.of(Map.of());

  private final Line line = new Line("partition");
  private final Route first = new Route(1, 1);
  private final Route second = new Route(2, 2);
  private long nowNs;

  @Test
  void whatWaitsGoesToWhoeverLeads() {
    var one = add(1);
    var two = add(2);

    assertThat(line.decideSend(null, nowNs)).isEmpty();
    assertThat(line.decideSend(first, nowNs)).containsExactly(one, two);
    assertThat(line.isWaiting()).isFalse();
  }

  @Test
  void nothingGoesElsewhereWhileSomethingIsUnderWay() {
    var one = add(1);
    line.decideSend(first, nowNs);
    var two = add(2);

    assertThat(line.decideSend(second, nowNs)).isEmpty();
    assertThat(line.onDone(one)).isEmpty();
    assertThat(line.decideSend(second, nowNs)).containsExactly(two);
  }

  @Test
  void whatWasRefusedGoesBeforeWhatCameLater() {
    var one = add(1);
    var two = add(2);
    line.decideSend(first, nowNs);
    var three = add(3);
    refused(one);

    assertThat(line.decideSend(second, nowNs)).as("two is still under way").isEmpty();
    refused(two);
    assertThat(line.decideSend(second, nowNs)).containsExactly(one, two, three);
  }

  @Test
  void theSameNodeIsNotAskedAgainAtOnce() {
    var one = add(1);
    line.decideSend(first, nowNs);
    refused(one);

    assertThat(line.decideSend(first, nowNs)).isEmpty();
    nowNs += CONFIG.backoffNs(1);
    assertThat(line.decideSend(first, nowNs)).containsExactly(one);
  }

  @Test
  void aNodeThatLeadsAnewIsAskedAtOnce() {
    var one = add(1);
    line.decideSend(first, nowNs);
    refused(one);

    assertThat(line.decideSend(new Route(1, 3), nowNs)).containsExactly(one);
  }

  @Test
  void whatALaterOneHasOvertakenIsNotSentAgain() {
    var one = add(1);
    var two = add(2);
    line.decideSend(first, nowNs);
    refused(one);

    assertThat(line.isBehind(two)).isTrue();
    assertThat(line.onDone(two)).containsExactly(one);
    assertThat(line.isEmpty()).isTrue();
  }

  @Test
  void whatNobodyWaitsForIsNotSentAgain() {
    var one = add(1);
    line.decideSend(first, nowNs);
    one.end();
    refused(one);

    assertThat(line.isEmpty()).isTrue();
  }

  /**
   * Nodes refuse, lose their connection with or without having done what they were sent, and lead
   * in any order. What is done is done in the order of the requests, unless it was told unknown or
   * refused before.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void nothingIsEverDoneAfterALaterOne(long seed) {
    for (int run = 0; run < 200; run++) {
      new Model(new Random(seed * 1_000 + run)).run("seed " + seed + " run " + run);
    }
  }

  private Piece add(long number) {
    var piece = piece(number);
    line.add(piece);
    return piece;
  }

  private void refused(Piece piece) {
    piece.onFailed(line.at(), nowNs, CONFIG);
    line.onNotDone(piece);
  }

  private static Piece piece(long number) {
    return new Piece(new ForwardTask(new OnePiece(), number, 0, CONFIG), 0);
  }

  private static final class Model {

    private final Random random;
    private final Line line = new Line("partition");

    /** Under way at the node last sent to, in order. */
    private final Deque<Piece> wire = new ArrayDeque<>();

    private final List<Long> done = new ArrayList<>();
    private final List<Long> given = new ArrayList<>();
    private long nowNs;
    private long next;
    private Route leader = new Route(1, 1);

    private Model(Random random) {
      this.random = random;
    }

    private void run(String name) {
      for (int step = 0; step < 60; step++) {
        step();
        nowNs += 30_000_000;
        wire.addAll(line.decideSend(random.nextInt(5) == 0 ? null : leader, nowNs));
      }
      for (int i = 0; !line.isEmpty() && i < 10_000; i++) {
        if (!wire.isEmpty()) {
          answer(wire.remove());
        }
        nowNs += 1_000_000_000;
        wire.addAll(line.decideSend(leader, nowNs));
      }
      assertThat(line.isEmpty()).as(name).isTrue();
      assertThat(done).as(name).isSorted().doesNotHaveDuplicates();
      assertThat(done.size() + given.size()).as(name).isEqualTo((int) next);
    }

    private void step() {
      switch (random.nextInt(5)) {
        case 0 -> leader = new Route(1 + random.nextInt(3), leader.term() + 1);
        case 1 -> {
          var lost = List.copyOf(wire);
          wire.clear();
          lost.forEach(this::lose);
        }
        case 2, 3 -> {
          if (!wire.isEmpty()) {
            answer(wire.remove());
          }
        }
        default -> line.add(piece(next++));
      }
    }

    /** A node that does not lead any more refuses; now and then one that does, too. */
    private void answer(Piece piece) {
      if (!leader.equals(line.at()) || random.nextInt(6) == 0) {
        piece.onFailed(line.at(), nowNs, CONFIG);
        line.onNotDone(piece);
        return;
      }
      done.add(piece.number());
      line.onDone(piece).forEach(late -> given.add(late.number()));
    }

    private void lose(Piece piece) {
      if (random.nextInt(4) == 0) {
        line.onGivenUp(piece);
        given.add(piece.number());
      } else {
        piece.onLost();
        piece.onFailed(line.at(), nowNs, CONFIG);
        line.onNotDone(piece);
      }
    }
  }

  private static final class OnePiece implements Pieces {

    @Override
    public int count() {
      return 1;
    }

    @Override
    public Route route(int piece, ClusterImage image) {
      return null;
    }

    @Override
    public Object line(int piece) {
      return "partition";
    }

    @Override
    public boolean isRepeatable(int piece) {
      return true;
    }

    @Override
    public int timeoutMs() {
      return 1_000;
    }

    @Override
    public int patienceMs() {
      return 0;
    }

    @Override
    public Verdict verdict(int piece) {
      return Verdict.FINAL;
    }

    @Override
    public void refuse(int piece, Reason reason) {}

    @Override
    public void answer() {}

    @Override
    public void drop() {}
  }
}
