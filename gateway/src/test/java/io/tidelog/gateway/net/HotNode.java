package io.tidelog.gateway.net;

import io.netty.channel.DefaultEventLoop;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.ListenerAddress;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.handler.DescribeLogDirsHandler;
import io.tidelog.gateway.handler.data.DeleteRecordsHandler;
import io.tidelog.gateway.handler.data.DescribeProducersHandler;
import io.tidelog.gateway.handler.data.ListOffsetsHandler;
import io.tidelog.gateway.handler.data.OffsetForLeaderEpochHandler;
import io.tidelog.gateway.handler.data.ProduceHandler;
import io.tidelog.gateway.handler.data.ValidationLanes;
import io.tidelog.gateway.handler.forward.ForwardingHandlers;
import io.tidelog.gateway.handler.group.GroupHandlers;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What a node of a {@link ForwardingCluster} leads, and its listener for gateways. */
final class HotNode implements AutoCloseable {

  private final RealClock clock = new RealClock();
  private final ClusterImages images;
  private final DefaultEventLoop validation = new DefaultEventLoop();
  private final List<RequestHandler> handlers;
  final NodeLog log;
  private final SharedCold cold;
  private ClientListener listener;
  private CuttableLink link;
  private int port;

  HotNode(int id, SharedLog shared, SharedGroups groups, ClusterImages images) {
    this.images = images;
    this.log = new NodeLog(shared, id);
    this.cold = new SharedCold(shared);
    this.handlers = handlers(id, groups);
  }

  private List<RequestHandler> handlers(int id, SharedGroups groups) {
    var directory = new PartitionDirectory(images);
    var lanes = new ValidationLanes(List.of(new EventLoopLane(validation, clock)), 1_000, clock);
    var all = new ArrayList<RequestHandler>();
    all.add(new ProduceHandler(images, log, log, lanes, clock));
    all.add(new OffsetForLeaderEpochHandler(directory, log));
    all.add(new DeleteRecordsHandler(directory, log, clock));
    all.add(new DescribeProducersHandler(directory, log, clock));
    all.add(new ListOffsetsHandler(directory, log, cold, lanes, clock));
    all.add(
        new DescribeLogDirsHandler(
            images, log, () -> new DescribeLogDirsHandler.Folder("/data/" + id, 1_000, 500)));
    all.addAll(GroupHandlers.create(groups.of(id, images), images));
    return all;
  }

  /** What this node answers itself. */
  List<RequestHandler> local() {
    return handlers;
  }

  /** Listens on a free port. */
  Endpoint start() throws Exception {
    var config =
        GatewayConfig.of(Map.of("tidelog.connection.drain.ms", "50"))
            .forGateways(new ListenerAddress("INTERNAL", "127.0.0.1", 0));
    var advertised = new AdvertisedAddresses(config, "localhost");
    var lanes =
        new FetchLanes(
            new FetchLane.Sources(log, null, new PartitionDirectory(images), clock),
            FetchLaneConfig.defaults(1),
            () -> new Random(1));
    lanes.start();
    listener =
        new ClientListener(
            config,
            advertised,
            ForwardingHandlers.internalRouter(images, lanes, log, 50 << 20, handlers),
            clock);
    listener.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
    port = advertised.first().port();
    link = new CuttableLink(port);
    return new Endpoint("127.0.0.1", link.port());
  }

  /** The way from gateways to this node. */
  CuttableLink link() {
    return link;
  }

  /** The way that nothing can cut. */
  Endpoint direct() {
    return new Endpoint("127.0.0.1", port);
  }

  /** Where gateways reach it. */
  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", link.port());
  }

  int connections() {
    return listener.openConnections();
  }

  @Override
  public void close() {
    link.close();
    listener.close();
    log.close();
    var unused = validation.shutdownGracefully();
  }
}
