MODULE_big = batch_fdw
# The files of the sources by a pattern, wherever it is built (VPATH): PGXS tells srcdir.
find_files = $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(addprefix $(srcdir)/,$(1)))))
OBJS = batch_fdw.o $(patsubst %.c,%.o,$(call find_files,src/*.c src/*/*.c))
EXTENSION = batch_fdw
DATA = $(call find_files,batch_fdw--*.sql)

REGRESS = setup $(filter-out setup,$(patsubst sql/%.sql,%,$(call find_files,sql/*.sql)))
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

# make looks for folders in VPATH too, where they are, and makes none here
$(shell mkdir -p $(sort $(dir $(OBJS))))
$(OBJS): Makefile $(call find_files,src/*.h src/*/*.h)

# A zip of what is committed, as PGXN takes it
VERSION = $(shell sed -n 's/^   "version": "\(.*\)",/\1/p' $(srcdir)/META.json)
.PHONY: dist deb
dist:
	git archive --format=zip --prefix=batch_fdw-$(VERSION)/ -o batch_fdw-$(VERSION).zip HEAD

# Debian packages of what is committed, for each PostgreSQL that is installed, in .build/deb
deb: export PG_SUPPORTED_VERSIONS = installed
deb:
	rm -rf .build/deb
	mkdir -p .build/deb/batch-fdw
	git archive HEAD | tar xf - -C .build/deb/batch-fdw
	cd .build/deb/batch-fdw && pg_buildext updatecontrol && dpkg-buildpackage -us -uc -b
