# Stand-ins for official images, with their layout: prefix, entry point, users and environment. See bases.

FROM scratch AS debian
ADD root.tar /
CMD ["bash"]

FROM debian:trixie-slim AS node-files
ADD node.tgz /node/
ADD npm.tgz /npm/
RUN cd /node/package \
    && mkdir -p lib/node_modules \
    && mv /npm/package lib/node_modules/npm \
    && ln -s ../lib/node_modules/npm/bin/npm-cli.js bin/npm \
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js bin/npx \
    && rm package.json \
    && chown -R 0:0 .

FROM debian:trixie-slim AS node
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY --from=node-files /node/package/ /usr/local/
RUN printf '%s\n' '#!/bin/sh' 'p=$(command -v "${1:-}") && [ -x "$p" ] && exec "$@"' 'exec node "$@"' \
      > /usr/local/bin/docker-entrypoint.sh \
    && chmod 755 /usr/local/bin/docker-entrypoint.sh \
    && node --version \
    && npm --version
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]

FROM scratch AS python
ADD root.tar /
RUN rm /usr/lib/python3*/EXTERNALLY-MANAGED \
    && for tool in pip python; do \
      ln -s "/usr/bin/${tool}3" "/usr/local/bin/${tool}3" && ln -s "${tool}3" "/usr/local/bin/$tool"; \
    done \
    && python --version \
    && pip --version
CMD ["python3"]

FROM debian:trixie-slim AS golang
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends ca-certificates git gcc g++ libc6-dev make pkg-config \
    && rm -rf /var/lib/apt/lists/*
ENV GOTOOLCHAIN=local GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY --from=goroot . /usr/local/go
RUN mkdir -p "$GOPATH/src" "$GOPATH/bin" && chmod -R 1777 "$GOPATH" && go version
WORKDIR /go

FROM scratch AS frontend
COPY dockerfile-frontend /bin/
LABEL moby.buildkit.frontend.network.none="true" \
      moby.buildkit.frontend.caps="moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts"
ENTRYPOINT ["/bin/dockerfile-frontend"]
