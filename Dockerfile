# The release that "./tidelog package" made, in a container:
#   ./tidelog package && docker build -t tidelog .
#   docker run -p 127.0.0.1:9092:9092 -v tidelog:/var/lib/tidelog tidelog
# Clients on this machine are served at localhost:9092. Nobody is authenticated, so the port is published
# on loopback; for others set TIDELOG_ADVERTISED_LISTENERS to what they connect to.
FROM eclipse-temurin:25-jre
ARG VERSION=0.1.0-SNAPSHOT
ADD dist/tidelog-${VERSION}.tar.gz /opt/tidelog/
RUN ln -s "tidelog-${VERSION}" /opt/tidelog/current \
 && useradd --system --home-dir /var/lib/tidelog --create-home tidelog
ENV TIDELOG_LOG_DIR=/var/lib/tidelog \
    TIDELOG_LISTENERS=PLAINTEXT://0.0.0.0:9092 \
    TIDELOG_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092 \
    TIDELOG_LISTENER_UNPROTECTED_ENABLE=true
USER tidelog
WORKDIR /var/lib/tidelog
VOLUME /var/lib/tidelog
EXPOSE 9092
ENTRYPOINT ["/opt/tidelog/current/bin/tidelog"]
CMD ["start"]
