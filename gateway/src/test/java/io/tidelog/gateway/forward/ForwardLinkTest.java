package io.tidelog.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import io.tidelog.metadata.api.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of requests whose client goes away before they are answered. */
class ForwardLinkTest {

  private static final Route FIRST = new Route(1, 1);
  private static final Route SECOND = new Route(2, 2);

  private final SteppedClock clock = new SteppedClock();
  private final Nodes nodes = new Nodes();
  private final ForwardLink link =
      new ForwardLane(new SteppedLane(clock), new FixedImages(), clock, ForwardConfig.of(Map.of()))
          .open(nodes);
  private @Nullable Route leader = FIRST;
  private final Commit commit = new Commit();
  private Runnable onClientGone = () -> {};

  @BeforeEach
  void submit() {
    onClientGone = link.submit(commit, clock.monotonicNs());
  }

  @Test
  void aRequestThatWasNotDoneIsSentToTheNextLeader() {
    leader = SECOND;
    refuseByNode();

    assertThat(nodes.asked).containsExactly(1, 2);
  }

  @Test
  void aRequestThatWasNotDoneIsNotSentAgainForAClientThatIsGone() {
    onClientGone.run();
    leader = SECOND;
    refuseByNode();

    assertThat(nodes.asked).containsExactly(1);
    assertThat(commit.refused).isEqualTo(Pieces.Reason.NOT_LED);
    assertThat(commit.answers).isEqualTo(1);
    assertThat(link.isIdle()).isTrue();
  }

  @Test
  void aRequestThatWasLostIsNotSentAgainForAClientThatIsGone() {
    onClientGone.run();
    leader = SECOND;
    link.onLost(nodes.underWay, false);

    assertThat(nodes.asked).containsExactly(1);
    assertThat(commit.refused).isEqualTo(Pieces.Reason.UNKNOWN);
  }

  @Test
  void aRequestThatNobodyLedIsNotBegunForAClientThatIsGone() {
    leader = null;
    var held = new Commit();
    Runnable onGone = link.submit(held, clock.monotonicNs());
    onGone.run();
    leader = FIRST;
    link.retry();

    assertThat(held.refused).isEqualTo(Pieces.Reason.NOT_LED);
    assertThat(nodes.asked).containsExactly(1);
  }

  @Test
  void whatIsUnderWayIsAnsweredToAClientThatSendsNothingMore() {
    onClientGone.run();
    commit.verdict = Pieces.Verdict.FINAL;
    link.onAnswered(nodes.underWay);

    assertThat(commit.refused).isNull();
    assertThat(commit.answers).isEqualTo(1);
  }

  private void refuseByNode() {
    commit.verdict = Pieces.Verdict.NOT_LED;
    link.onAnswered(nodes.underWay);
  }

  private static final class Nodes implements Pieces.Sender {

    private final List<Integer> asked = new ArrayList<>();
    private List<Piece> underWay = List.of();

    @Override
    public void send(Pieces from, int node, List<Piece> pieces, int timeLeftMs) {
      asked.add(node);
      underWay = pieces;
    }

    @Override
    public void onOverdue(int node) {}

    @Override
    public void onNodes(ClusterImage image) {}
  }

  private final class Commit implements Pieces {

    private Verdict verdict = Verdict.FINAL;
    private @Nullable Reason refused;
    private int answers;

    @Override
    public int count() {
      return 1;
    }

    @Override
    public @Nullable Route route(int piece, ClusterImage image) {
      return leader;
    }

    @Override
    public Object line(int piece) {
      return "group";
    }

    @Override
    public boolean isRepeatable(int piece) {
      return true;
    }

    @Override
    public int timeoutMs() {
      return -1;
    }

    @Override
    public int patienceMs() {
      return 0;
    }

    @Override
    public Verdict verdict(int piece) {
      return verdict;
    }

    @Override
    public void refuse(int piece, Reason reason) {
      refused = reason;
    }

    @Override
    public void answer() {
      answers++;
    }

    @Override
    public void drop() {}
  }
}
