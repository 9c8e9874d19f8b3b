MODULE_big = batch_fdw
OBJS = batch_fdw.o $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
EXTENSION = batch_fdw
DATA = batch_fdw--1.0.sql

REGRESS = setup $(filter-out setup,$(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql))))
TAP_TESTS = 1
ENCODING = UTF8
NO_LOCALE = 1

PKG_CONFIG ?= pkg-config
# ISA-L inflates twice as fast as zlib: make WITH_ISAL=no does without it.
WITH_ISAL ?= $(shell $(PKG_CONFIG) --exists libisal && echo yes || echo no)
ifeq ($(WITH_ISAL),yes)
INFLATER = libisal
PG_CPPFLAGS = -DHAVE_LIBISAL
else
INFLATER = zlib
endif
# zstd is read where its library is: make WITH_ZSTD=no does without it.
# (PostgreSQL's own HAVE_LIBZSTD tells whether the server was built with it.)
WITH_ZSTD ?= $(shell $(PKG_CONFIG) --exists 'libzstd >= 1.4.0' && echo yes || echo no)
ifeq ($(WITH_ZSTD),yes)
INFLATER += libzstd
PG_CPPFLAGS += -DBATCH_WITH_ZSTD
endif
LIBRARIES = libcurl json-c $(INFLATER)
PG_CPPFLAGS += -I$(srcdir)/src $(shell $(PKG_CONFIG) --cflags $(LIBRARIES))
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs $(LIBRARIES))

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# From 16 on PostgreSQL itself hides what a module does not export.
ifeq ($(MAJORVERSION),15)
override CPPFLAGS += -DPGDLLEXPORT='__attribute__((visibility("default")))'
override CFLAGS += -fvisibility=hidden
endif

$(OBJS): Makefile $(wildcard src/*.h src/*/*.h)
