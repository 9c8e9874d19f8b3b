# PostgreSQL with batch_fdw:
#   docker build --build-arg PG_MAJOR=17 -t batch_fdw .
ARG PG_MAJOR=17
ARG DEBIAN=bookworm

FROM postgres:$PG_MAJOR-$DEBIAN AS build
ARG PG_MAJOR
RUN apt-get update && \
	apt-get install -y --no-install-recommends gcc libc6-dev make pkg-config \
		libcurl4-openssl-dev libisal-dev libjson-c-dev libzstd-dev zlib1g-dev postgresql-server-dev-$PG_MAJOR
COPY . /tmp/batch_fdw
RUN cd /tmp/batch_fdw && \
	make with_llvm=no && \
	make with_llvm=no install DESTDIR=/tmp/installed

FROM postgres:$PG_MAJOR-$DEBIAN
RUN apt-get update && \
	apt-get install -y --no-install-recommends ca-certificates libcurl4 libisal2 libjson-c5 libzstd1 zlib1g && \
	rm -rf /var/lib/apt/lists/*
COPY --from=build /tmp/installed/ /
