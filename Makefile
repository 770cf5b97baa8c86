# Afterclick: `make` builds, `make test` proves, `make demo` shows.
# Variables: B (build folder), SAN (address,undefined or thread), WERROR=1.

NAME    := afterclick
comma   := ,
B       := build$(if $(SAN),/$(subst $(comma),-,$(SAN)))
# One name for a folder, however it was given: the .d files know no other.
override B := $(patsubst $(CURDIR)/%,%,$(abspath $(B)))
PREFIX  ?= /usr/local
DESTDIR ?=
PKGS    := libevent_core rdkafka libpq yaml-0.1 libcrypto libxxhash \
           libpcre2-8 zlib libcurl

CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wwrite-strings -Wpointer-arith -Wformat=2 -Wvla \
           -Wimplicit-fallthrough $(if $(WERROR),-Werror)
# GCC 12 takes UBSan's own null checks for null formats.
MODE    := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
           -Wno-format-truncation -Wno-format-overflow, \
           -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
COMPILE  = $(CC) -std=c11 -D_GNU_SOURCE -I. -I$(B) $(CFLAGS_PKGS) $(WARN) \
           $(MODE) -fPIE -pthread $(CPPFLAGS) $(CFLAGS)
LINK     = $(CC) -pie -pthread -Wl,--as-needed -Wl,-z,relro,-z,now $(MODE) \
           $(LDFLAGS)
CFLAGS_PKGS = $(shell pkg-config --cflags $(PKGS))
LIBS     = $(shell pkg-config --libs $(PKGS)) -lunistring -lm

SRC   := $(sort $(shell find common collector aggregator -name '*.c'))
PARTS := $(patsubst %.c,$(B)/%.o,$(filter-out %/main.c,$(SRC)))
UNIT  := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ  := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
BINS  := $(B)/$(NAME)-collector $(B)/$(NAME)-aggregator $(B)/$(NAME)

all: $(BINS)

deps:
	tools/install-deps build

$(B)/parts.a: $(PARTS)
	rm -f $@ && $(AR) qcs $@ $^
$(B)/$(NAME)-collector: $(B)/collector/main.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS)
$(B)/$(NAME)-aggregator: $(B)/aggregator/main.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS)
$(B)/$(NAME): $(B)/aggregator/cli/main.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

# A test that needs a further library says so in its first lines:
# `/* links: jansson */`.
links = $(addprefix -l,$(shell sed -n '1,12s|.*links: *\([a-z0-9 ]*\).*|\1|p' $(1)))
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS) -lcmocka $(call links,tests/unit/$*.c)
$(B)/tests/integration/c/%: $(B)/tests/integration/c/%.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS) -lcmocka
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS)
$(B)/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(B)/parts.a
	$(LINK) -o $@ $^ $(LIBS) $(call links,tests/fuzz/fuzz_$*.c)

# Text becomes C strings. sed, as awks differ on backslashes; no ? is bare, as
# two make a trigraph; one string a line, as compilers bound the length of a
# literal, not of their sum.
embed = for f in $(2); do \
	n=$$(basename $$f | sed 's/\.[^.]*$$//; s/[^A-Za-z0-9_]/_/g'); \
	echo "static const char $(1)$$n[] ="; \
	sed -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n"/' $$f; echo ";"; done

SQL    := $(sort $(wildcard aggregator/store/sql/*.sql))
SCHEMA := $(sort $(wildcard aggregator/store/schema/*.sql))
DATA   := $(sort $(wildcard aggregator/journey/data/*.tsv))
$(B)/aggregator/store/sql.h: $(SQL)
	@mkdir -p $(@D)
	{ echo '#pragma GCC diagnostic ignored "-Wunused-variable"'; \
	$(call embed,sql_,$^); } > $@.tmp && mv $@.tmp $@
$(B)/aggregator/store/schema.h: $(SCHEMA)
	@mkdir -p $(@D)
	{ $(call embed,schema_,$^); \
	echo 'static const struct { const char *name, *sql; } schema[] = {'; \
	for f in $^; do n=$$(basename $$f .sql); \
	echo "	{ \"$$n\", schema_$$n },"; done; echo '};'; } > $@.tmp && \
	mv $@.tmp $@
$(B)/aggregator/journey/data.h: $(DATA)
	@mkdir -p $(@D)
	{ $(call embed,data_,$^); } > $@.tmp && mv $@.tmp $@
$(B)/collector/tracker/tracker_js.h: collector/tracker/dist/tracker.js \
	collector/tracker/dist/extension.js
	@mkdir -p $(@D)
	{ $(call embed,js_,$^); } > $@.tmp && mv $@.tmp $@
PAGE   := $(wildcard aggregator/dashboard/page/dist/*.*)
$(B)/aggregator/dashboard/page.h: $(PAGE)
	@mkdir -p $(@D)
	{ $(call embed,page_,$^); } > $@.tmp && mv $@.tmp $@
# What `afterclick init` writes: config/, and a site to begin with.
INIT   := config/collector.yaml config/aggregator.yaml config/channels.yaml \
	aggregator/cli/init_sites.yaml
$(B)/aggregator/cli/init_text.h: $(INIT)
	@mkdir -p $(@D)
	{ $(call embed,text_,$^); } > $@.tmp && mv $@.tmp $@
GENERATED := $(B)/aggregator/dashboard/page.h $(B)/aggregator/store/sql.h $(B)/aggregator/store/schema.h \
	$(B)/aggregator/cli/init_text.h \
	$(B)/aggregator/journey/data.h $(B)/collector/tracker/tracker_js.h
# Order only: the .d files know who really includes them.
$(PARTS) $(BINS:$(B)/$(NAME)%=$(B)/%): | $(GENERATED)
$(B)/collector/main.o $(B)/aggregator/main.o $(B)/aggregator/cli/main.o: \
	| $(GENERATED)

# --- proofs -----------------------------------------------------------------
unit: $(UNIT)
	CMOCKA_MESSAGE_OUTPUT=TAP prove -j2 -e '' $(UNIT)
replay: $(FUZZ:fuzz_%=$(B)/replay_%)
	for f in $(FUZZ:fuzz_%=%); do \
	$(B)/replay_$$f tests/fuzz/corpus/$$f/* || exit 1; done
tests: all $(UNIT) $(FUZZ:fuzz_%=$(B)/replay_%) \
	$(patsubst %.c,$(B)/%,$(wildcard tests/integration/c/*.c))
test:
	tools/install-deps test
	tools/run-tests
check: headers layers format config-check unit replay

# Every header compiles alone.
headers: $(GENERATED)
	@for h in $$(find common collector aggregator -name '*.h'); do \
	echo "#include \"$$h\"" | $(COMPILE) -x c -fsyntax-only - || exit 1; \
	done; echo "every header compiles alone"
layers: data-map pages
	@tools/check-layers
# The docs' blocks say their language, their links lead somewhere.
pages:
	@python3 -B tests/integration/docs_pages.py
# Every column and field has a purpose and a retention in docs/data-map.tsv.
data-map:
	@tools/make-data-map --check
format:
	clang-format-14 --dry-run -Werror $$(git ls-files '*.c' '*.h')
config-check: $(BINS)
	$(B)/$(NAME)-collector --config config/collector.yaml --check-config
	$(B)/$(NAME)-aggregator --config config/aggregator.yaml --check-config

T ?= 60
fuzz: $(GENERATED)
	tools/run-fuzz $(T)
# The long forms; the quick ones are part of `make test`.
faults: all
	AFTERCLICK_FAULTS=long AFTERCLICK_INTERLEAVINGS=200 BUILD_DIR=$(B) \
	/usr/bin/python3 -m pytest -p no:cacheprovider -q -ra tests/faults \
	tests/integration/test_set_semantics.py
# The compositions of deploy/ on a real engine, Debian's if there is no other;
# ten minutes, and some minutes more to make what cannot be pulled.
compose-test:
	tools/install-deps compose
	/usr/bin/python3 -m pytest -p no:cacheprovider -q -ra tests/compose
bench:
	tools/install-deps test
	$(MAKE) all
	tests/bench/run
bench-collector:
	tools/install-deps test
	$(MAKE) all
	tests/bench/run collector --peers
# Chromium's driver comes from npm.
bench-dashboard:
	tools/install-deps test
	$(MAKE) all
	npm ci --prefix tests/browser --no-audit --no-fund --ignore-scripts
	tests/bench/run dashboard
bench-imports:
	tools/install-deps test
	$(MAKE) all
	tests/bench/run imports
# DuckDB comes from PyPI into a venv of the user's cache. HITS=5000000 is the
# size of the goals, and takes half an hour.
bench-aggregator:
	tools/install-deps test
	$(MAKE) all
	tests/bench/run aggregator --peers $(if $(HITS),--hits $(HITS),--quick)
# So does ChannelAttribution, which is built there; it takes minutes.
bench-models:
	tools/install-deps test
	$(MAKE) all
	tests/bench/markov.py
bench-experiments: all
	tests/bench/experiments.py
bench-erase: all
	tests/bench/erase.py
demo:
	tools/install-deps run
	$(MAKE) all
	deploy/native/demo

# --- the manual, and what shells complete by ---------------------------------
# Made by the programs from the tables that they read options and settings by.
PAGES := $(B)/man/$(NAME).1 $(B)/man/$(NAME)-sites.5 \
	$(B)/man/$(NAME)-collector.8 $(B)/man/$(NAME)-aggregator.8
SHELLS := $(B)/completion/bash $(B)/completion/zsh $(B)/completion/fish
man: $(PAGES)
$(B)/man/$(NAME).1 $(B)/man/$(NAME)-sites.5: $(B)/$(NAME)
	@mkdir -p $(@D)
	$(B)/$(NAME) man $(if $(filter %.5,$@),sites,$(NAME)) > $@.new
	mv $@.new $@
$(B)/man/%.8: $(B)/%
	@mkdir -p $(@D)
	$< --man > $@.new && mv $@.new $@
$(B)/completion/%: $(B)/$(NAME)
	@mkdir -p $(@D)
	$< completion $* > $@.new && mv $@.new $@

# --- installation -------------------------------------------------------------
SHARE := $(DESTDIR)$(PREFIX)/share/$(NAME)
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system
# Debian's zsh looks in another folder under /usr than under /usr/local.
MAN   = $(DESTDIR)$(PREFIX)/share/man
BASH_ = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH_  = $(DESTDIR)$(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),$\
vendor-completions,site-functions)
FISH_ = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
install: $(BINS) $(PAGES) $(SHELLS)
	install -d $(MAN)/man1 $(MAN)/man5 $(MAN)/man8 $(BASH_) $(ZSH_) $(FISH_)
	for page in $(PAGES); do \
	install -m 644 $$page $(MAN)/man$${page##*.}/ || exit 1; done
	install -m 644 $(B)/completion/bash $(BASH_)/$(NAME)
	install -m 644 $(B)/completion/zsh $(ZSH_)/_$(NAME)
	install -m 644 $(B)/completion/fish $(FISH_)/$(NAME).fish
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
	$(SHARE)/config $(UNITS) $(DESTDIR)$(PREFIX)/lib/sysusers.d
	install -m 755 $(B)/$(NAME) $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/$(NAME)-collector $(B)/$(NAME)-aggregator \
	$(DESTDIR)$(PREFIX)/sbin/
	install -m 644 config/*.yaml $(SHARE)/config/
	for unit in deploy/systemd/*.service; do \
	sed 's|/usr/sbin/|$(PREFIX)/sbin/|' $$unit > \
	$(UNITS)/$$(basename $$unit) && \
	chmod 644 $(UNITS)/$$(basename $$unit) || exit 1; done
	install -m 644 deploy/systemd/$(NAME).sysusers \
	$(DESTDIR)$(PREFIX)/lib/sysusers.d/$(NAME).conf
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/$(NAME) \
	$(DESTDIR)$(PREFIX)/sbin/$(NAME)-collector \
	$(DESTDIR)$(PREFIX)/sbin/$(NAME)-aggregator \
	$(UNITS)/$(NAME)-collector.service \
	$(UNITS)/$(NAME)-aggregator.service \
	$(DESTDIR)$(PREFIX)/lib/sysusers.d/$(NAME).conf \
	$(foreach p,$(notdir $(PAGES)),$(MAN)/man$(subst .,,$(suffix $p))/$p) \
	$(BASH_)/$(NAME) $(ZSH_)/_$(NAME) $(FISH_)/$(NAME).fish
	rm -rf $(SHARE)
# build/deb/afterclick_VERSION_ARCH.deb; deb-test installs it on a Debian 12
# of its own (debootstrap, as root) and starts what is in it.
deb: all
	tools/make-deb $(B)
deb-test: deb
	tools/test-deb $(B)
clean:
	rm -rf build

-include $(patsubst %.c,$(B)/%.d,$(SRC))
-include $(wildcard $(B)/tests/*/*.d $(B)/tests/*/*/*.d)
.PHONY: all deps unit replay tests test check headers layers data-map \
	pages format \
	config-check fuzz faults compose-test bench bench-collector \
	bench-aggregator bench-models bench-imports bench-dashboard \
	bench-experiments bench-erase \
	man demo install uninstall deb deb-test clean
.SECONDARY:
